"""Take a softmax over the classes, not over the rows of the batch."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.OUTPUT
CURES = ("batch-mixing", "double-softmax", "missing-log-softmax", "bad-initial-loss", "constant-output")
SOFTMAX = {"softmax", "log_softmax", "Softmax", "LogSoftmax", "logsumexp"}

EXAMPLES = (
    (
        "batch-mixing",
        "import torch.nn.functional as F\ny = F.log_softmax(self.o(x), dim=0)\n",
        "import torch.nn.functional as F\ny = F.log_softmax(self.o(x), dim=1)\n",
    ),
    (
        "batch-mixing",
        "class Net(M):\n    def forward(self, h):\n        return (h - h.mean(0)) / h.std(dim=0)\n",
        "class Net(M):\n    def forward(self, h):\n"
        "        return (h - h.mean(-1, keepdim=True)) / h.std(dim=-1, keepdim=True)\n",
    ),
    ("batch-mixing", "p = scores.softmax(0)\n", "p = scores.softmax(-1)\n"),
)


STATISTICS = ("mean", "std", "var", "sum", "amax", "amin", "norm")


def changes(source: Training, case: Case) -> Iterator[Change]:
    for axis in ("1", "-1"):
        edits = []
        for call in source.methods(*SOFTMAX) + source.calls(*(f"torch.nn.{name}" for name in SOFTMAX)):
            is_method = not source.name(call).startswith("torch")
            is_module = source.name(call).rpartition(".")[2][:1].isupper()
            given = source.argument(call, "dim", 0 if is_method or is_module else 1)
            if given is not None and source.code(given.value) == "0":
                edits.append(source.replace(given.value, axis))
        if edits:
            yield Change(
                name="softmax-over-classes",
                text=f"Take the softmax over the classes: dim={axis}.",
                edits=tuple(dict.fromkeys(edits)),
            )
    yield from _within_rows(source)


def _within_rows(source: Training) -> Iterator[Change]:
    """``h.mean(0)`` in a forward mixes the rows: take it over each row's own numbers."""
    edits = []
    for call in source.methods(*STATISTICS):
        given = source.argument(call, "dim", 0)
        if given is not None and source.code(given.value) == "0" and source.function(call) in source.forwards:
            edits.append(source.replace(given.value, "-1"))
            if source.argument(call, "keepdim") is None:
                edits.append(source.put(source.span(call)[1] - 1, ", keepdim=True"))
    if edits:
        text = "Take means and spreads over each row's own numbers, not over the rows of the batch."
        yield Change(name="within-rows", text=text, edits=tuple(edits))
