def carried() -> str:
    """Return which LMDB it is, as LMDB says it."""
