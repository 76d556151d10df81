class Unsatisfiable(Exception): ...  # noqa: N818 (it says what the ranges are)

def parse_ranges(text: bytes, length: int, most: int) -> list[tuple[int, int]] | None:
    """Return (start, end) of each part of `length` octets; None where the whole is to be sent.

    `most` parts at the most, -1 for any number. Raises Unsatisfiable.
    """
