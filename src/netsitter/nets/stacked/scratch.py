"""Memory to write into at every step, instead of new memory each time."""

import math
import threading

import torch
from torch import Tensor


class Scratch(threading.local):
    """Named pieces of memory, of each thread its own; a piece grows to the largest shape asked for.

    The system hands out fresh memory page by page, and a page fault for every 4 kB costs more than the
    arithmetic on them. Parts of a population that take turns also find it in the cache.
    """

    def __init__(self) -> None:
        self.pieces: dict[str, tuple[Tensor, Tensor]] = {}

    def take(self, name: str, like: Tensor, *shape: int) -> Tensor:
        """Uninitialised memory of that shape, of the type and on the device of ``like``."""
        whole, piece = self.pieces.get(name, (like, like))
        if piece.shape == shape and piece.dtype == like.dtype and name in self.pieces:
            return piece
        size = math.prod(shape)
        if name not in self.pieces or len(whole) < size or whole.dtype != like.dtype:
            whole = torch.empty(size, dtype=like.dtype, device=like.device)
        piece = whole[:size].view(shape)
        self.pieces[name] = whole, piece
        return piece
