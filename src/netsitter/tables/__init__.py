"""Tables: read a file, tell the columns' kinds, split the rows, encode them, profile them."""
