"""The live page: a read-only server of runs, and one offline page that shows them while they are written.

``library`` finds runs and reads on in their logs, a slice at a time; ``verdict`` judges them by the same
rules as everywhere; ``stream`` tells one open page what is new to it; ``app`` and ``guard`` are the
server; ``serve`` runs it, ``beside`` runs it next to a training. Nothing here imports torch.
"""
