"""The rows of the tables, what a caller supplies, and the closed sets of values."""
