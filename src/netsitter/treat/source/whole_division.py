"""Divide numbers as numbers: ``//`` and whole-number types cut everything below the divisor to 0."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit, number
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = (
    "constant-input",
    "not-learning",
    "constant-output",
    "labels-misaligned",
    "plateau",
    "unscaled-inputs",
)
WHOLE = ("int", "uint8", "int8", "int16", "int32", "int64", "long", "short")
CASTS = ("long", "int", "byte", "short", "char")
ROUNDS = ("round", "floor", "trunc", "rint", "ceil")
EXAMPLES = (
    ("constant-input", "x = pixels // 255\n", "x = pixels / 255\n"),
    (
        "constant-input",
        "import numpy as np\nx = (pixels / 255).astype(np.uint8)\n",
        'import numpy as np\nx = (pixels / 255).astype("float32")\n',
    ),
    ("constant-input", "x = (pixels / 255).long()\n", "x = (pixels / 255).float()\n"),
    (
        "constant-input",
        "import torch\nx = torch.tensor(pixels / 255, dtype=torch.int64)\n",
        "import torch\nx = torch.tensor(pixels / 255, dtype=torch.float32)\n",
    ),
    ("constant-input", "import numpy as np\nx = np.round(p / 255)\n", "import numpy as np\nx = (p / 255)\n"),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    divisions = [*_divisions(source)]
    if divisions:
        yield Change(
            name="divide-as-numbers",
            text="Divide with /: // leaves only whole numbers, here zeros.",
            edits=tuple(divisions),
        )
    casts = [*_casts(source)]
    if casts:
        yield Change(
            name="divide-as-numbers",
            text="Keep what was divided as numbers with a fraction: as whole numbers they are zeros.",
            edits=tuple(casts),
        )


def _divisions(source: Training) -> Iterator[Edit]:
    for one in source.all(cst.BinaryOperation):
        if (
            isinstance(one.operator, cst.FloorDivide)
            and number(source.code(one.right)) is not None
            and not isinstance(source.parent(one), cst.Arg)
        ):
            yield source.replace(one, f"{source.code(one.left)} / {source.code(one.right)}")


def _casts(source: Training) -> Iterator[Edit]:
    """Casts to whole numbers, and roundings, of what is divided in the same expression."""
    for call in source.all(cst.Call):
        asked = call.func if isinstance(call.func, cst.Attribute) else None
        method = asked.attr.value if asked is not None else ""
        first = call.args[0] if call.args else None
        kind = source.argument(call, "dtype", 0 if method in ("astype", "to") else None)
        is_whole = kind is not None and _is_whole(source, kind.value)
        if asked is not None and _is_divided(source, asked.value):
            if method in CASTS and not call.args:
                yield source.replace(asked.attr, "float")
            elif method == "astype" and is_whole and kind is not None:
                yield source.replace(kind.value, '"float32"')
            elif method == "to" and is_whole and kind is not None:
                yield source.replace(kind.value, source.spell("torch.float32"))
            elif method in ROUNDS and not call.args:
                yield source.replace(call, f"({source.code(asked.value)})")
        elif first is not None and _is_divided(source, first.value):
            if method in ROUNDS and len(call.args) == 1:
                yield source.replace(call, f"({source.code(first.value)})")
            elif is_whole and kind is not None:
                is_torch = source.code(kind.value).startswith("torch")
                yield source.replace(kind.value, source.spell("torch.float32") if is_torch else '"float32"')


def _is_whole(source: Training, kind: cst.BaseExpression) -> bool:
    return source.code(kind).strip("'\"").rpartition(".")[2] in WHOLE


def _is_divided(source: Training, value: cst.CSTNode) -> bool:
    """Whether the outermost operation is a division by a number."""
    while isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        value = value.func.value
    return (
        isinstance(value, cst.BinaryOperation)
        and isinstance(value.operator, cst.Divide)
        and source.literal(value.right) is not None
    )
