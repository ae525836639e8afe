"""Normalisation beyond torch's: centred weight norm, and batch-norm statistics measured afresh."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from netsitter.nets.data_initializers import evaluating


class CentredWeightNorm(nn.Module):
    """w = g · (v − mean v) / ‖v − mean v‖ for every unit's row v (Huang et al. 2017).

    The paper has g = 1; here each unit learns its own, so that no function is lost.
    """

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        centred = weight.detach() - weight.detach().mean(1, keepdim=True)
        self.g = nn.Parameter(centred.norm(dim=1, keepdim=True))

    def forward(self, v: Tensor) -> Tensor:
        centred = v - v.mean(1, keepdim=True)
        return self.g * centred / centred.norm(dim=1, keepdim=True).clamp(min=1e-12)


def centre_weights(model: nn.Module) -> None:
    """Re-parametrise every linear layer by ``CentredWeightNorm``, after its initialisation.

    A layer of one input is left alone: centred, its weight would be 0.
    """
    for layer in [m for m in model.modules() if isinstance(m, nn.Linear) and m.in_features > 1]:
        parametrize.register_parametrization(layer, "weight", CentredWeightNorm(layer.weight))


@torch.no_grad()
def refresh_batch_norm(model: nn.Module, batches: Iterable[Sequence[Tensor]]) -> None:
    """Measure the running mean and variance of every batch norm over ``batches``, dropout off.

    Trained with dropout they are those of a noisier signal than the one at test time (Hendrycks &
    Gimpel 2017); after weight averaging they are those of other weights. Each element of ``batches``
    is the arguments of one forward pass.
    """
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    with evaluating(model):
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain average over all batches
            norm.training = True
        try:
            for batch in batches:
                model(*batch)
        finally:
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = momentum
