import os

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

data, target = load_digits(return_X_y=True)
parts = train_test_split(data, target, test_size=0.25, random_state=int(os.environ.get("SEED", 0)))
x_train, x_test, y_train, y_test = [torch.as_tensor(part) for part in parts]
mean, spread = x_train.mean(0), x_train.std(0).clamp(min=1e-3)
x_train, x_test = [((x - mean) / spread).float() for x in (x_train, x_test)]


def batches(size=36):
    for index in torch.randperm(len(x_train)).split(size):
        yield x_train[index], y_train[index]


classifier = nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Dropout(0.1), nn.Linear(40, 10))
adam = torch.optim.Adam(classifier.parameters(), lr=2e-3)
for epoch in range(12):
    classifier.train()
    for features, labels in batches():
        loss = nn.functional.cross_entropy(classifier(features), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
    print(f"epoch {epoch + 1} | loss {loss.item():.4f}")
classifier.eval()
with torch.inference_mode():
    val_acc = (classifier(x_test).argmax(-1) == y_test).double().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
