"""A LightningModule with validation, a scheduler, clipping and a CSV log. `sick`: a rate of 1000."""

import logging
import sys
import warnings

import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
LR = 1e3 if "sick" in sys.argv else 3e-3


class Digits(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 10))

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, index):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, index):
        x, y = batch
        scores = self(x)
        self.log("val_loss", F.cross_entropy(scores, y))
        self.log("val_acc", (scores.argmax(1) == y).float().mean())

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=LR)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 12)
        return {"optimizer": optimizer, "lr_scheduler": schedule}


L.seed_everything(3, verbose=False)
x, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(x / 16 - 0.3, dtype=torch.float32), torch.tensor(y))
train, val = torch.utils.data.random_split(data, [1400, 397], torch.Generator().manual_seed(0))
trainer = L.Trainer(
    max_epochs=12,
    accelerator="cpu",
    logger=CSVLogger("logs"),
    callbacks=[ModelCheckpoint(monitor="val_loss"), EarlyStopping("val_loss", patience=12)],
    gradient_clip_val=5.0,
    enable_progress_bar=False,
    enable_model_summary=False,
    log_every_n_steps=5,
)
model = Digits()
trainer.fit(model, DataLoader(train, 32, shuffle=True), DataLoader(val, 128))
print(f"{trainer.callback_metrics['val_loss'].item()!r} {trainer.global_step}")
