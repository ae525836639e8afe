"""Tiny trainings for the tests of remedies: each a loop like a program's, run to its end."""

from collections.abc import Callable

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

Loop = Callable[[], None]


def table() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(96, 6, generator=generator) * torch.tensor([1.0, 30.0, 1.0, 0.1, 1.0, 5.0]) + 2
    return x, (x[:, 0] > 2).long()


def classes() -> None:
    """A loader, batch norm, dropout, a softmax that is one too many, validation, clipping, Adam."""
    torch.manual_seed(0)
    x, y = table()
    model = nn.Sequential(
        nn.Linear(6, 12),
        nn.BatchNorm1d(12),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(12, 12),
        nn.Tanh(),
        nn.Linear(12, 12),
        nn.Linear(12, 2),
        nn.Softmax(1),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=0.1)
    for _ in range(4):
        model.train()
        for rows, labels in DataLoader(TensorDataset(x[:72], y[:72]), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(rows), labels).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.01)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            nn.functional.cross_entropy(model(x[72:]), y[72:])


def numbers() -> None:
    """A model of the program's own, a loop in one line, a loss by hand that broadcasts, SGD with momentum."""
    torch.manual_seed(0)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 1)])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers:
                x = torch.relu(layer(x))
            return x

    x, _ = table()
    target = 1000 * x[:, 0]
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6, momentum=0.9)
    for _ in range(4):
        for rows in torch.randperm(72).split(18):
            loss = ((model(x[rows]) - target[rows]) ** 2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def raw() -> None:
    """Parameters without a module, no zero_grad, binary labels, a scheduler."""
    torch.manual_seed(0)
    x, y = table()
    weight = (0.1 * torch.randn(6, 1)).requires_grad_()
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adagrad([weight, bias], lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    for _ in range(12):
        score = torch.sigmoid(x[:72] @ weight + bias).squeeze(1)
        nn.functional.binary_cross_entropy(score, y[:72].float()).backward()
        optimizer.step()
        schedule.step()


def sequences() -> None:
    """An LSTM, part of it frozen, a head that the optimiser was not given, a detached state."""
    torch.manual_seed(0)
    x = torch.randn(32, 7, 3)
    y = x.sum((1, 2))
    lstm, head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 1)
    lstm.weight_hh_l0.requires_grad_(False)
    optimizer = torch.optim.RMSprop(lstm.parameters(), lr=1e-3)
    for _ in range(10):
        state = lstm(x)[0][:, -1]
        loss = nn.functional.mse_loss(head(state.detach() + state).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if torch.isnan(loss):
            break


def images() -> None:
    """Convolutions in two optimisers, NLL on raw scores, evaluation in training mode."""
    torch.manual_seed(0)
    x, y = torch.rand(40, 1, 8, 8) * 255, torch.arange(40) % 3
    body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Sigmoid(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    head = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 3))
    first, second = torch.optim.SGD(body.parameters(), lr=0.1), torch.optim.AdamW(head.parameters(), eps=1.0)
    for _ in range(3):
        for i in range(0, 40, 8):
            loss = nn.functional.nll_loss(head(body(x[i : i + 8])), y[i : i + 8])
            body.zero_grad()
            head.zero_grad()
            loss.backward()
            first.step()
            second.step()
        with torch.no_grad():
            (head(body(x)).argmax(1) == y).float().mean()


def stepless() -> None:
    """Backward without any step."""
    torch.manual_seed(0)
    x, y = table()
    model = nn.Linear(6, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(6):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()


WARDS: dict[str, Loop] = {
    "classes": classes,
    "numbers": numbers,
    "raw": raw,
    "sequences": sequences,
    "images": images,
    "stepless": stepless,
}
