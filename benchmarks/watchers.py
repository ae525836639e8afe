"""Ways of watching a training, each a context manager that yields what a step does beside the network.

Every one is used as its own documentation says, at its defaults. Those that are not installed are
skipped; benchmarks/README.md says how to install them.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from torch import Tensor, nn, optim
from torch.nn import functional

Backward = Callable[[Tensor, Tensor, int], None]
"""Takes logits, labels and the step; makes the loss and its gradients."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of watching, at work."""

    backward: Backward
    asleep: Callable[[], AbstractContextManager[object]] = nullcontext
    """While another training runs in the same process that this one must neither hear nor tax."""


Watcher = Callable[[nn.Module, optim.Optimizer], AbstractContextManager[Way]]

LOG_EVERY = 50
"""Steps between two logged points: Lightning's default, taken for all that leave it to the user."""
HISTOGRAM_EVERY = 100
"""Steps between two histograms in TensorBoard, which has no default of its own."""


def plain(logits: Tensor, labels: Tensor, step: int) -> None:
    functional.cross_entropy(logits, labels).backward()


@contextmanager
def bare(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Way]:
    yield Way(backward=plain)


@contextmanager
def netsitter(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Way]:
    from netsitter import watch
    from netsitter.observe import seams

    with watch(model, optimizer=optimizer, quiet=True) as sitter:

        @contextmanager
        def asleep() -> Iterator[None]:
            """Its replacements are torch-wide: take them away, and do not count the time as its own."""
            seams.leave(sitter._observer)
            started = time.perf_counter()
            yield
            sitter._pace.rest(time.perf_counter() - started)
            seams.listen(sitter._observer)
            seams.hear_calls(model)

        yield Way(backward=plain, asleep=asleep)


@contextmanager
def wandb_watch(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Way]:
    import wandb

    with tempfile.TemporaryDirectory() as folder:
        run = wandb.init(mode="offline", dir=folder, settings=wandb.Settings(silent=True, console="off"))
        run.watch(model)

        def backward(logits: Tensor, labels: Tensor, step: int) -> None:
            loss = functional.cross_entropy(logits, labels)
            loss.backward()
            if step % LOG_EVERY == 0:
                run.log({"loss": loss.item()}, step=step)

        yield Way(backward=backward)
        run.finish()


@contextmanager
def tensorboard_histograms(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Way]:
    from torch.utils.tensorboard import SummaryWriter

    with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:

        def backward(logits: Tensor, labels: Tensor, step: int) -> None:
            loss = functional.cross_entropy(logits, labels)
            loss.backward()
            if step % LOG_EVERY == 0:
                writer.add_scalar("loss", loss.item(), step)
            if step % HISTOGRAM_EVERY == 0:
                for name, parameter in model.named_parameters():
                    writer.add_histogram(name, parameter, step)
                    writer.add_histogram(f"{name}.grad", parameter.grad, step)

        yield Way(backward=backward)


@contextmanager
def lightning_grad_norm(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Way]:
    """``self.log_dict(grad_norm(self, norm_type=2))`` in ``on_before_optimizer_step``, as documented."""
    from lightning.pytorch.loggers import CSVLogger  # pyright: ignore[reportMissingImports]
    from lightning.pytorch.utilities import grad_norm  # pyright: ignore[reportMissingImports]

    with tempfile.TemporaryDirectory() as folder:
        logger = CSVLogger(folder)

        def backward(logits: Tensor, labels: Tensor, step: int) -> None:
            loss = functional.cross_entropy(logits, labels)
            loss.backward()
            norms = grad_norm(model, norm_type=2)
            if step % LOG_EVERY == 0:
                logger.log_metrics({name: float(norm) for name, norm in norms.items()}, step)

        yield Way(backward=backward)


@contextmanager
def cockpit(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Way]:
    """The "economy" configuration; only for networks that BackPACK can extend."""
    from backpack import extend  # pyright: ignore[reportMissingImports]
    from cockpit import Cockpit  # pyright: ignore[reportMissingImports]
    from cockpit.utils.configuration import configuration  # pyright: ignore[reportMissingImports]

    extend(model)
    mean, each = extend(nn.CrossEntropyLoss()), nn.CrossEntropyLoss(reduction="none")
    board = Cockpit(model.parameters(), quantities=configuration("economy"))

    def backward(logits: Tensor, labels: Tensor, step: int) -> None:
        loss = mean(logits, labels)
        info = {
            "batch_size": len(labels),
            "individual_losses": each(logits, labels),
            "loss": loss,
            "optimizer": optimizer,
        }
        with board(step, info=info):
            loss.backward(create_graph=board.create_graph(step))

    yield Way(backward=backward)


WATCHERS: dict[str, Watcher] = {
    "bare again": bare,
    "netsitter.watch": netsitter,
    "wandb.watch": wandb_watch,
    "tensorboard histograms": tensorboard_histograms,
    "lightning grad_norm": lightning_grad_norm,
    "cockpit economy": cockpit,
}
