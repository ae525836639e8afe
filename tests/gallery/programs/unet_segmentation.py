import os

import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
SIZE = 24


def scenes(n):
    centre = torch.rand(n, 2, 1, 1) * 12 + 6
    radius = torch.rand(n, 1, 1) * 4 + 3
    yy, xx = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    mask = ((yy - centre[:, 0]) ** 2 + (xx - centre[:, 1]) ** 2 < radius**2).float()
    return (mask + 0.5 * torch.randn(n, SIZE, SIZE))[:, None], mask[:, None]


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = block(1, 8), block(8, 16)
        self.mid = block(16, 32)
        self.up2, self.up1 = nn.ConvTranspose2d(32, 16, 2, 2), nn.ConvTranspose2d(16, 8, 2, 2)
        self.dec2, self.dec1 = block(32, 16), block(16, 8)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.mid(F.max_pool2d(b, 2))
        d = self.dec2(torch.cat([self.up2(c), b], 1))
        return self.out(self.dec1(torch.cat([self.up1(d), a], 1)))


x, m = scenes(360)
xv, mv = scenes(80)
net = UNet()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
for epoch in range(5):
    net.train()
    for i in torch.randperm(360).split(20):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x[i]), m[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        p = net(xv) > 0
        val = F.binary_cross_entropy_with_logits(net(xv), mv)
    iou = ((p & (mv > 0)).sum() / (p | (mv > 0)).sum()).item()
    print("epoch", epoch, "train", loss.item(), "val", val.item(), "iou", iou)
print(f"RESULT val_iou={iou:.4f}")
