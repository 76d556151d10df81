"""Types of command-line options."""

import argparse


def positive(word: str) -> int:
    """Return a whole number of 1 or more, for argparse."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError("it must be a whole number, 1 or more")
    return int(word)
