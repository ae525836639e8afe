"""Over which axis of a batch an operation inside the network runs."""

from netsitter.observe.graph import Reading, shape


def inner_axes(reading: Reading, rows: int) -> dict[str, str | None]:
    """Which softmax, and which length, inside the network is taken over the batch."""
    return {
        "inner_softmax_dim": "batch" if runs_over_rows(reading, rows) else None,
        "inner_norm_dim": "batch" if is_scaled_over_rows(reading, rows) else None,
    }


def is_scaled_over_rows(reading: Reading, rows: int) -> bool:
    """Whether features inside the network are brought to unit length over the batch, not over the row."""
    last = max((node._sequence_nr() for node, _ in reading.layers), default=0)
    for name, node, _ in reading.activations:
        given = getattr(node, "_saved_self", None) if name == "norm" and node._sequence_nr() < last else None
        dims = getattr(node, "_saved_dim", None)
        if given is None or dims is None or given.dim() != 2 or given.shape[1] in (1, rows):
            continue
        if given.shape[0] == rows > 1 and [signed(dim, 2) for dim in dims] == [0]:
            return True
    return False


def runs_over_rows(reading: Reading, rows: int) -> bool:
    """Whether a softmax inside the network, of attention say, runs over the batch of its (N, T, ...) scores.

    Square scores, N by N, are between rows on purpose: of a graph's nodes, of pairs.
    """
    for name, node, _ in reading.activations:
        dims, dim = shape(node), getattr(node, "_saved_dim", None)
        if name not in ("softmax", "log_softmax") or dim is None or len(dims) < 2:
            continue
        if dims[0] == rows and dims[1] not in (1, rows) and signed(dim, len(dims)) == 0:
            return True
    return False


def signed(dim: int, rank: int) -> int:
    """Saved dimensions of -1 come back as 2**64 - 1."""
    return (dim - (1 << 64) if dim >= 1 << 63 else dim) % rank
