"""Ways of watching a training, each a context manager that yields how to get from logits to gradients.

Every one is used as its own documentation says, at its defaults. Those that are not installed are
skipped; benchmarks/README.md says how to install them.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from torch import Tensor, nn, optim
from torch.nn import functional

Backward = Callable[[Tensor, Tensor, int], None]
"""Takes logits, labels and the step; makes the loss and its gradients."""
Watcher = Callable[[nn.Module, optim.Optimizer], AbstractContextManager[Backward]]

LOG_EVERY = 50
"""Steps between two logged points: Lightning's default, taken for all that leave it to the user."""
HISTOGRAM_EVERY = 100
"""Steps between two histograms in TensorBoard, which has no default of its own."""


def plain(logits: Tensor, labels: Tensor, step: int) -> None:
    functional.cross_entropy(logits, labels).backward()


@contextmanager
def bare(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Backward]:
    yield plain


@contextmanager
def netsitter(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Backward]:
    from netsitter import watch

    with watch(model, optimizer=optimizer, quiet=True):
        yield plain


@contextmanager
def wandb_watch(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Backward]:
    import wandb

    with tempfile.TemporaryDirectory() as folder:
        run = wandb.init(mode="offline", dir=folder, settings=wandb.Settings(silent=True, console="off"))
        run.watch(model)

        def backward(logits: Tensor, labels: Tensor, step: int) -> None:
            loss = functional.cross_entropy(logits, labels)
            loss.backward()
            if step % LOG_EVERY == 0:
                run.log({"loss": loss.item()}, step=step)

        yield backward
        run.finish()


@contextmanager
def tensorboard_histograms(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Backward]:
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

        yield backward


@contextmanager
def lightning_grad_norm(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Backward]:
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

        yield backward


@contextmanager
def cockpit(model: nn.Module, optimizer: optim.Optimizer) -> Iterator[Backward]:
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

    yield backward


WATCHERS: dict[str, Watcher] = {
    "bare": bare,
    "bare again": bare,
    "netsitter.watch": netsitter,
    "wandb.watch": wandb_watch,
    "tensorboard histograms": tensorboard_histograms,
    "lightning grad_norm": lightning_grad_norm,
    "cockpit economy": cockpit,
}
