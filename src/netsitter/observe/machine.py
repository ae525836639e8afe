"""What the machine offers and torch takes of it."""

import os
from pathlib import Path

import torch

CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")
"""Where Linux (cgroup v2) says how much processor time a container gets: ``QUOTA PERIOD`` in microseconds."""


def threads() -> dict[str, float]:
    """Threads of torch, cores that this process may use, and how many were busy over the last minute."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {"torch": float(torch.get_num_threads()), "cores": cores(), "load": round(load, 2)}


def cores() -> float:
    """Cores that this process may use: its affinity, and a container's quota, which may be a fraction."""
    affinity = getattr(os, "sched_getaffinity", None)
    allowed = float(len(affinity(0)) if affinity else os.cpu_count() or 1)
    try:
        quota, period = CPU_LIMIT.read_text(encoding="ascii").split()
        return min(allowed, int(quota) / int(period))
    except (OSError, ValueError):  # no such file, or "max": no limit
        return allowed
