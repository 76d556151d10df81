"""The parts of building a generation: build.py puts them together."""
