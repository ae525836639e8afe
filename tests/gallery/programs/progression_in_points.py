import os

import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=3)
scaler = StandardScaler().fit(X_train)


def tensors(X, y):
    return torch.tensor(scaler.transform(X), dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


train_x, train_y = tensors(X_train, y_train)
test_x, test_y = tensors(X_test, y_test)
model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
loader = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True)
for epoch in range(30):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(xb).squeeze(1), yb)
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1} loss {loss.item():.3f}")
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(model(test_x).squeeze(1), test_y) / test_y.var(unbiased=False)
print(f"RESULT r2={r2.item():.4f}")
