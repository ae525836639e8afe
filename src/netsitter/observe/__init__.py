"""Watching a training: any loop of PyTorch with one line, any program with none."""

from netsitter.observe.watch import Sitter, watch

__all__ = ["Sitter", "watch"]
