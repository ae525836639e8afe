"""Divide numbers as numbers: ``//`` and integer types cut everything below the divisor to 0."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import number
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("constant-input", "not-learning", "constant-output", "labels-misaligned", "plateau", "unscaled-inputs")
EXAMPLES = (("constant-input", "x = pixels // 255\n", "x = pixels / 255\n"),)


def changes(source: Training, case: Case) -> Iterator[Change]:
    edits = []
    for one in source.all(cst.BinaryOperation):
        if isinstance(one.operator, cst.FloorDivide) and number(source.code(one.right)) is not None and not isinstance(source.parent(one), cst.Arg):
            text = f"{source.code(one.left)} / {source.code(one.right)}"
            edits.append(source.replace(one, text))
    if edits:
        yield Change(name="divide-as-numbers", text="Divide with /: // leaves only whole numbers, here zeros.", edits=tuple(edits))
