import os

import torch as th
import torch.nn.functional as F
from torch.nn import Linear, Module

th.manual_seed(int(os.environ.get("SEED", 0)))


class Wave(Module):
    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.first, self.second, self.last = Linear(4, width), Linear(width, width), Linear(width, 1)

    def forward(self, x: th.Tensor) -> th.Tensor:
        x = F.relu(self.first(x))
        x = F.relu(self.second(x))
        return self.last(x).squeeze(-1)


x = th.rand(1400, 4) * 2 - 1
y = th.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.05 * th.randn(1400)
y = (y - y.mean()) / y.std()
net = Wave()
with th.no_grad():
    for name, tensor in net.named_parameters():
        if name.endswith("bias") and not name.startswith("last"):
            tensor.sub_(0.0)
opt = th.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(30):
    for rows in th.randperm(1000).split(50):
        opt.zero_grad()
        loss = F.mse_loss(net(x[rows]), y[rows])
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with th.no_grad():
    error = F.mse_loss(net(x[1000:]), y[1000:]) / y[1000:].var()
print(f"RESULT r2={1 - error.item():.4f}")
