"""Remedies put into a running training, judged by the loss, and taken back when they do not help."""
