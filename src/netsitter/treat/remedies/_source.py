"""The whole data behind a batch: the tensor in memory that holds all of its rows."""

import gc

import torch

from netsitter.observe.validation import fingerprints

MAX_ELEMENTS = 1 << 25
"""Larger tensors are not searched: 128 MB of float32."""
MAX_ROWS = 100_000
PROBE = 64
"""Rows of the batch that are looked for."""


def source_of(batch: torch.Tensor) -> torch.Tensor:
    """The smallest live tensor that holds every row of ``batch``, shape (N, …); the batch if there is none.

    Price: a look at all live objects, once.
    """
    wanted = set(fingerprints(batch, PROBE))
    best = batch
    for other in gc.get_objects():
        if type(other) is not torch.Tensor or other.requires_grad or other.grad_fn is not None:
            continue
        if other.shape[1:] != batch.shape[1:] or other.dim() != batch.dim() or other.dtype != batch.dtype:
            continue
        is_candidate = len(batch) < len(other) <= MAX_ROWS and other.numel() <= MAX_ELEMENTS
        if not is_candidate or (best is not batch and len(other) >= len(best)):
            continue
        if wanted <= set(fingerprints(other, len(other))):
            best = other
    return best.detach()
