"""How one peer of an upstream is chosen for a request: one policy a file."""
