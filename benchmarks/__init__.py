"""What the library promises about its speed, measured and asserted: ``python -m benchmarks``."""
