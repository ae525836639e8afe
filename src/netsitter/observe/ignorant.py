"""What an answer that ignores the inputs loses: the scale that losses are read on."""

import torch

from netsitter.observe.losses import LossCall


def ignorant_loss(call: LossCall) -> float | torch.Tensor | None:
    """What the best constant answer loses on this batch: entropy of the classes, variance of the target."""
    target = call.target
    if target is None or target.numel() < 2:
        return None
    if call.name == "mse_loss":
        return target.detach().float().var(unbiased=False)
    if call.name in ("cross_entropy", "nll_loss") and not target.is_floating_point():
        shares = torch.bincount(target.detach().flatten().clamp_min(0)).float()
        shares = shares / shares.sum()
        return -(shares * shares.clamp_min(1e-12).log()).sum()
    if call.name.startswith("binary_cross_entropy"):
        share = target.detach().float().mean().clamp(1e-6, 1 - 1e-6)
        return -(share * share.log() + (1 - share) * (1 - share).log())
    return None
