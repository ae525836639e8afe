"""What the benchmarks ran on, in one line."""

import os
import platform
import subprocess

import torch


def describe() -> str:
    """Processor, cores, load, accelerator and versions."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
    return (
        f"{_processor()}, {os.cpu_count()} cores, load {load:.1f} at start, {device}, "
        f"Python {platform.python_version()}, torch {torch.__version__}"
    )


def _processor() -> str:
    try:
        text = subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("Model name")]
    return names[0] if names else platform.machine()
