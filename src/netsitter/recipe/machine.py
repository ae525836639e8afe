"""How trainings are spread over this machine now: measured, not assumed."""

from collections.abc import Sequence

import msgspec
import numpy as np

from netsitter.recipe.fit_population import Pace
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.members import Member

KEY = "plan/machine"
"""Under which a run folder remembers its machine."""
MOST_TOGETHER = 64


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What trains fastest here."""

    workers: int = 1
    """Parts of a population side by side."""
    part_bytes: int = 8 * 2**20
    """What the members that take each step together work on."""


def pace_for(folder: RunFolder, members: Sequence[Member]) -> Pace:
    """The pace of a population on the machine that the folder remembers."""
    known = folder.knows(KEY)
    machine = msgspec.convert(folder.decide(KEY, dict), Machine) if known else Machine()
    part = machine.part_bytes // member_bytes(members[0])
    return Pace(part=int(np.clip(part, 1, MOST_TOGETHER)), workers=machine.workers)


def member_bytes(member: Member) -> int:
    """What a member reads and writes at every step: weights, gradient, moments; rows at every layer."""
    weights = sum(parameter.numel() for parameter in member.net.parameters())
    units = sum(member.net.config.widths) + member.train.numeric.shape[1]
    return 4 * (6 * weights + 4 * units * member.config.batch_size)
