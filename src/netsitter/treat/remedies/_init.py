"""Fill a network's weights anew, keep the old ones, and check the outcome."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from netsitter.nets.initializers import CORRECTIONS, INITIALIZERS, LAYERS, initialize
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam

FILLED = (*LAYERS, nn.RNNBase)
ALIASES = {"glorot": "xavier", "glorot-uniform": "xavier-uniform", "kaiming": "he", "xavier-normal": "xavier"}


def scheme_named(name: str) -> str:
    """The name in `netsitter.nets.initializers` of a scheme, however it is written."""
    return ALIASES.get(name.replace("_", "-"), name.replace("_", "-"))


def fill(act: Act, exam: Exam, scheme: str, activation: str = "relu") -> None:
    """Initialise every linear and convolutional layer of the training by ``scheme``; biases are 0.

    A weight that the outcome shows to be non-finite, or constant where it was not asked to be, gets its
    old value back. Raises CannotApplyError where there is no such layer.
    """
    scheme = scheme_named(scheme)
    roots = [root for root in exam.roots if any(isinstance(m, FILLED) for m in root.modules())]
    held = [p for root in roots for m in root.modules() if isinstance(m, FILLED) for p in m.parameters()]
    if not roots:
        _fill_free(act, exam, scheme)
        return
    before = [(parameter, parameter.detach().clone()) for parameter in held]
    act.when_undone(lambda: _restore(before))
    for root in roots:
        inputs = _inputs(exam, root) if scheme in CORRECTIONS else None
        notes = initialize(
            root, scheme, activation=activation, inputs=inputs, generator=act.generator, output_scale=1.0
        )
        for module in root.modules():
            if isinstance(module, nn.RNNBase):
                _fill_recurrent(module, act.generator)
        if notes:
            act.settled.setdefault("notes", []).extend(notes)
    _restore([(p, old) for p, old in before if not bool(torch.isfinite(p).all())])
    for root in roots:
        act.took(*(name for name, m in root.named_modules() if isinstance(m, FILLED)))
    exam.cancel()


@torch.no_grad()
def _fill_recurrent(module: nn.RNNBase, generator: torch.Generator) -> None:
    """Glorot into the gates, orthogonal from step to step (Saxe et al. 2013), biases 0."""
    for name, parameter in module.named_parameters():
        if name.startswith("bias"):
            parameter.zero_()
        else:
            for gate in parameter.split(module.hidden_size):
                fresh = torch.empty(gate.shape)
                draw = nn.init.orthogonal_ if name.startswith("weight_hh") else nn.init.xavier_uniform_
                gate.copy_(draw(fresh, generator=generator))


def _inputs(exam: Exam, root: nn.Module) -> tuple[Any, ...]:
    """Arguments of the root's call in the examined iteration."""
    call = next((call for call in exam.calls if call.module is root), None)
    if call is None or call.kwargs or not all(isinstance(arg, torch.Tensor) for arg in call.args):
        raise CannotApplyError("its first batch is not known, and this scheme looks at one.")
    return tuple(arg.detach() for arg in call.args)


@torch.no_grad()
def _fill_free(act: Act, exam: Exam, scheme: str) -> None:
    """Weights that no layer of torch's holds: x @ W of shape (in, out), or a layer of the program's own."""
    layers = [layer for layer in exam.layers if layer.weight.dim() == 2 and layer.weight.requires_grad]
    if not layers or scheme in CORRECTIONS or scheme not in INITIALIZERS:
        raise CannotApplyError("it has no linear or convolutional layer to initialise.")
    before = [(layer.weight, layer.weight.detach().clone()) for layer in layers]
    act.when_undone(lambda: _restore(before))
    for layer in layers:
        stand_in = nn.Linear(*layer.weight.shape, bias=False)
        initialize(stand_in, scheme, generator=act.generator)
        layer.weight.copy_(stand_in.weight.T)
        act.took(layer.name)
    exam.cancel()


@torch.no_grad()
def _restore(before: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> None:
    for parameter, old in before:
        parameter.copy_(old)
