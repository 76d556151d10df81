"""Which media types a client would rather have: Accept (RFC 9110 §12.5.1)."""

from __future__ import annotations

_MOST = 64  # items of a line that are looked at
_FIRST = 1000


def preference(line: bytes | None, media: bytes) -> int:
    """Return how much a client wants a media type, in thousandths; 0 where it takes none.

    The most specific range counts: "text/html" before "text/*" before "*/*".
    """
    if line is None:
        return _FIRST
    ranges = _ranges(line)
    kind = media.partition(b"/")[0]
    for one in (media, kind + b"/*", b"*/*"):
        if one in ranges:
            return ranges[one]
    return 0


def _ranges(line: bytes) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for item in line.lower().split(b",", _MOST)[:_MOST]:
        media, *parameters = (part.strip(b" \t") for part in item.split(b";"))
        found.setdefault(media, _weight(parameters))
    return found


def _weight(parameters: list[bytes]) -> int:
    """Return the quality value (RFC 9110 §12.4.2); one that cannot be read is 0."""
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        if name == b"q":
            whole, _, fraction = value.partition(b".")
            if whole not in (b"0", b"1") or len(fraction) > 3 or not (fraction + b"0").isdigit():
                return 0
            return min(_FIRST, int(whole) * _FIRST + int(fraction.ljust(3, b"0")))
    return _FIRST
