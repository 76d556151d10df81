"""Metrics as values by name and labels."""

from forkproxy.master.metrics.exposition import page


def samples(families):
    """Return what families say: by "name{labels}", the value as text."""
    lines = page(families).splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
