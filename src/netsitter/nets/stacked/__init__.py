"""Layers, losses and optimisers of many networks at once: what a population is trained with."""
