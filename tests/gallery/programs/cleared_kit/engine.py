"""Training and evaluation."""

import torch


def train(net, optimizer, waves, kinds, epochs, batch, log):
    criterion = torch.nn.CrossEntropyLoss()
    for epoch in range(epochs):
        net.train()
        for rows in torch.randperm(len(waves)).split(batch):
            loss = criterion(net(waves[rows]), kinds[rows])
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
        log(epoch, loss.item())


@torch.no_grad()
def accuracy(net, waves, kinds):
    net.eval()
    return (net(waves).argmax(1) == kinds).float().mean().item()
