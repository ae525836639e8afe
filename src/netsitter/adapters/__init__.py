"""Other tools: what they write, read as ours; what we have, in their form. Imported only when used."""
