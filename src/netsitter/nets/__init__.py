"""The parts of a network: losses, initialisers, activations, blocks, optimisers, schedules."""
