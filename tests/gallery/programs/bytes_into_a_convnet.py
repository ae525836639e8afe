import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import load_digits

digits = load_digits()
images = (digits.images * 15.9).astype("uint8")
perm = np.random.RandomState(SEED).permutation(len(images))
x = torch.tensor(images[perm]).unsqueeze(1).float()
y = torch.tensor(digits.target[perm])


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(16 * 4, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return self.fc(x.view(x.size(0), -1))


net = CNN()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(10):
    running_loss = 0.0
    order = torch.randperm(1400)
    for i in range(0, 1400, 50):
        inputs, labels = x[order[i : i + 50]], y[order[i : i + 50]]
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    print("[%d] loss: %.3f" % (epoch + 1, running_loss / 28))
correct, total = 0, 0
with torch.no_grad():
    _, predicted = torch.max(net(x[1400:]), 1)
    total += y[1400:].size(0)
    correct += (predicted == y[1400:]).sum().item()
print(f"RESULT val_acc={correct / total:.4f}")
