"""Say that the rows of the batch come first: a recurrent network or a transformer takes time first."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.WIRING
CURES = ("batch-mixing", "underfitting", "not-learning", "plateau")
TIME_FIRST = (
    "RNN",
    "GRU",
    "LSTM",
    "MultiheadAttention",
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
)

EXAMPLES = (
    (
        "batch-mixing",
        "from torch import nn\ncell = nn.LSTM(1, 32)\n",
        "from torch import nn\ncell = nn.LSTM(1, 32, batch_first=True)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    edits = [
        source.set_argument(call, "batch_first", "True")
        for call in source.calls(*(f"torch.nn.{name}" for name in TIME_FIRST))
        if (given := source.argument(call, "batch_first")) is None or source.code(given.value) == "False"
    ]
    if edits:
        text = "Say that the batch comes first: batch_first=True. As it is, rows are taken for moments."
        yield Change(name="batch-first", text=text, edits=tuple(edits))
