"""Memory to write into at every step, instead of new memory each time."""

import math
from collections.abc import Callable

import torch
from torch import Tensor


class Scratch:
    """Named pieces of memory that parts of a population use in turn; a piece grows to what is asked for.

    The system hands out fresh memory page by page, and a page fault for every 4 kB costs more than the
    arithmetic on them. Parts that take turns also find it in the cache. Not to be used by two threads.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.pieces: dict[str, Tensor] = {}

    def room(self, name: str, dtype: torch.dtype = torch.float32) -> "Room":
        """A piece by its name; rooms of one name share their memory."""
        return Room(lambda size: self._piece(name, size, dtype))

    def _piece(self, name: str, size: int, dtype: torch.dtype) -> Tensor:
        piece = self.pieces.get(name)
        if piece is None or len(piece) < size:
            piece = self.pieces[name] = torch.empty(size, dtype=dtype, device=self.device)
        return piece[:size]


class Room:
    """A piece of memory, in the shape in which it was last asked for."""

    def __init__(self, find: Callable[[int], Tensor]) -> None:
        self.find = find
        self.piece: Tensor | None = None

    def __call__(self, shape: tuple[int, ...]) -> Tensor:
        """Uninitialised memory of that shape; what it held is lost."""
        if self.piece is None or self.piece.shape != shape:
            self.piece = self.find(math.prod(shape)).view(shape)
        return self.piece
