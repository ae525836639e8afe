"""Split so that rows that belong together are on one side: by their group, and before they are copied.

The score falls, as it was too good: these changes set the measurement right.
"""

import re
from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("validation-leak",)
GROUP = re.compile(
    r"^(group|subject|patient|person|user|speaker|session|site|record|recording|family|batch_?id|subj|pid|uid)"
    r"(s|_?ids?|_of_row)?$",
    re.IGNORECASE,
)
"""What people call the variable that says which rows belong together."""
COPIES = ("repeat", "tile", "repeat_interleave", "concatenate", "vstack", "cat", "resample")

EXAMPLES = (
    (
        "validation-leak",
        "import numpy as np\nX, y, subject = read()\nheld_out = rng.rand(len(X)) < 0.2\n",
        "import numpy as np\nX, y, subject = read()\n"
        "held_out = np.isin(subject, rng.permutation(np.unique(subject))"
        "[: round(0.2 * len(np.unique(subject)))])\n",
    ),
    (
        "validation-leak",
        "import numpy as np\nX, y, group = read()\norder = np.random.permutation(len(X))\n"
        "train = order[:80]\n",
        "import numpy as np\nX, y, group = read()\n"
        "order = np.argsort(np.random.permutation(len(X))[np.unique(group, return_inverse=True)[1]])\n"
        "train = order[:80]\n",
    ),
    (
        "validation-leak",
        "import numpy as np\nX, y = np.repeat(X, 4, 0), np.repeat(y, 4)\np = np.random.permutation(len(X))\n",
        "import numpy as np\np = np.random.permutation(len(X))\n",
    ),
    (
        "validation-leak",
        "def more(x, y):\n    return np.tile(x, 4), np.tile(y, 4)\nX, y = more(X, y)\n"
        "a, b, c, d = train_test_split(X, y)\n",
        "def more(x, y):\n    return np.tile(x, 4), np.tile(y, 4)\n"
        "a, b, c, d = train_test_split(X, y)\na, c = more(a, c)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for edits in _by_group(source):
        yield Change(
            name="split-by-group",
            text="Split by group: rows of one group are on one side.",
            edits=edits,
            corrects=True,
        )
    for made in source.all(cst.Assign):
        if _copies_rows(source, made):
            moved = _moved(source, made)
            if moved:
                text = "Make the copies after the split, of the training rows only."
                yield Change(name="split-first", text=text, edits=moved, corrects=True)
            text = "Leave the copies of rows out: they stand on both sides of the split."
            edit = source.remove(source.statement(made))
            yield Change(name="split-first", text=text, edits=(edit,), corrects=True)


def _by_group(source: Training) -> Iterator[tuple[Edit, ...]]:
    names = [name for name in source.assignments if GROUP.match(name)]
    numpy = source.spell("numpy")
    for group in names:
        kinds = f"{numpy}.unique({group})"
        for chosen in source.all(cst.Comparison):
            # A share of the rows at random: ``rng.rand(len(X)) < 0.2``.
            drawn, share = chosen.left, chosen.comparisons[0]
            if not isinstance(drawn, cst.Call) or not isinstance(share.operator, cst.LessThan):
                continue
            if re.search(r"\b(rand|random|uniform)$", source.code(drawn.func)) and _is_of_rows(source, drawn):
                owner = source.code(drawn.func).rpartition(".")[0]
                if owner == "torch":
                    owner = f"{numpy}.random"
                said = source.code(share.comparator)
                some = f"{owner}.permutation({kinds})[: round({said} * len({kinds}))]"
                yield (source.replace(chosen, f"{numpy}.isin({group}, {some})"),)
        for drawn in source.all(cst.Call):
            # An order of all rows that is cut later: whole groups follow one another.
            is_order = source.called(drawn) in ("permutation", "randperm")
            if is_order and _is_of_rows(source, drawn) and not source.loops(drawn):
                place = f"[{numpy}.unique({group}, return_inverse=True)[1]]"
                yield (source.replace(drawn, f"{numpy}.argsort({source.code(drawn)}{place})"),)


def _is_of_rows(source: Training, drawn: cst.Call) -> bool:
    return bool(drawn.args) and source.code(drawn.args[0].value).startswith("len(")


def _copies_rows(source: Training, made: cst.Assign) -> bool:
    """``X, y = np.repeat(X, 4, 0), np.repeat(y, 4)`` or ``X, y = more(X, y)``: from themselves, and more."""
    names = _names(source, made)
    if len(names) < 2 or source.statement(made) is None:
        return False
    calls = source.inside(made.value, cst.Call)
    if isinstance(made.value, cst.Call):
        given = [source.code(arg.value) for arg in made.value.args if not arg.keyword]
        called = source.code(made.value.func)
        return given[: len(names)] == names and any(
            f.name.value == called and _multiplies(source, f) for f in source.all(cst.FunctionDef)
        )
    return any(source.called(c) in COPIES and c.args and source.code(c.args[0].value) in names for c in calls)


def _multiplies(source: Training, function: cst.FunctionDef) -> bool:
    return any(source.called(c) in COPIES for c in source.inside(function, cst.Call))


def _names(source: Training, made: cst.Assign) -> list[str]:
    target = made.targets[0].target
    return [source.code(e.value) for e in target.elements] if isinstance(target, cst.Tuple) else []


def _moved(source: Training, made: cst.Assign) -> tuple[Edit, ...]:
    """The same call behind the split, on what is trained on; empty where the split is not certain."""
    if not isinstance(made.value, cst.Call):
        return ()
    for split in source.all(cst.Assign):
        call: Any = split.value
        parts = _names(source, split)
        if (
            isinstance(call, cst.Call)
            and source.called(call) == "train_test_split"
            and source.line(split) > source.line(made)
            and len(parts) == 4
            and [source.code(arg.value) for arg in call.args[:2]] == _names(source, made)
        ):
            train = f"{parts[0]}, {parts[2]}"
            again = f"{train} = {source.code(made.value.func)}({train})"
            return (
                source.remove(source.statement(made)),
                source.after(source.statement(split), again),
            )
    return ()
