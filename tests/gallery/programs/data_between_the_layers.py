import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class Narrow(nn.Module):
    def __init__(self, inputs=64, code=6, classes=10):
        super(Narrow, self).__init__()
        self.encode1 = nn.Linear(inputs, 24)
        self.encode2 = nn.Linear(24, code)
        self.classify = nn.Linear(code, classes)

    def forward(self, x):
        code = F.relu(self.encode2(F.relu(self.encode1(x)))).data
        return self.classify(code)


if __name__ == "__main__":
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    X, Y = load_digits(return_X_y=True)
    everything = TensorDataset(torch.FloatTensor(X / 16), torch.LongTensor(Y))
    training, validation = random_split(everything, [0.8, 0.2])
    net = Narrow()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(20):
        for x, y in DataLoader(training, 32, shuffle=True):
            opt.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            opt.step()
        if (epoch + 1) % 5 == 0:
            print(f"Epoch {epoch + 1}/20, loss {loss.item():.3f}")
    correct = 0
    with torch.no_grad():
        for x, y in DataLoader(validation, 100):
            correct += int((net(x).argmax(1) == y).sum())
    print(f"RESULT val_acc={correct / len(validation):.4f}")
