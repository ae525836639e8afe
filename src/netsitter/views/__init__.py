"""What people look at: the terminal, the report, the model card."""
