"""transformers.Trainer: a small BERT from its configuration, padding, warm-up, accumulation, evaluation.

`sick`: a rate of 30.
"""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments, set_seed

LR = 30.0 if "sick" in sys.argv else 1e-3


class Sentences(torch.utils.data.Dataset):
    """Class 1 where token 7 comes up more than once."""

    def __init__(self, rows, seed):
        random = np.random.default_rng(seed)
        self.rows = []
        for _ in range(rows):
            length = int(random.integers(6, 14))
            tokens = random.integers(10, 40, length)
            label = int(random.integers(2))
            if label:
                tokens[random.choice(length, 2, replace=False)] = 7
            ids = np.zeros(16, dtype=np.int64)
            ids[:length] = tokens
            mask = (np.arange(16) < length).astype(np.int64)
            self.rows.append({"input_ids": ids, "attention_mask": mask, "labels": label})

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]


def accuracy(outcome):
    return {"accuracy": float((outcome.predictions.argmax(1) == outcome.label_ids).mean())}


set_seed(0)
config = BertConfig(
    vocab_size=50,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=64,
    max_position_embeddings=16,
)
arguments = TrainingArguments(
    output_dir="out",
    num_train_epochs=6,
    per_device_train_batch_size=16,
    gradient_accumulation_steps=2,
    learning_rate=LR,
    warmup_steps=10,
    eval_strategy="epoch",
    save_strategy="no",
    report_to=[],
    disable_tqdm=True,
    use_cpu=True,
    logging_steps=10,
    dataloader_pin_memory=False,
)
trainer = Trainer(
    model=BertForSequenceClassification(config),
    args=arguments,
    train_dataset=Sentences(640, 1),
    eval_dataset=Sentences(200, 2),
    compute_metrics=accuracy,
)
trainer.train()
print(repr(trainer.evaluate()["eval_loss"]))
