"""The parts of `make bench`. Python's standard library alone."""
