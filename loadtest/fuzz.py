"""Octets at the parsers until one breaks: `python -m loadtest.fuzz [--seconds N] [--seed N]`.

Heads, framing, chunked bodies and targets, each in one go and octet by octet, which must agree;
anything but ProtocolError is a finding, and is printed with the octets. With atheris installed it
chooses the octets, else they are bent copies of tests/corpus.
"""

import argparse
import contextlib
import importlib.util
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from forkproxy.errors import ProtocolError
from forkproxy.wire.chunked import ChunkedDecoder
from forkproxy.wire.head import HeadLimits, parse_request_head, parse_response_head, request_length
from forkproxy.wire.target import normalise_path
from loadtest.options import positive
from loadtest.origin import ROOT

Target = Callable[[bytes], None]
_LONGEST = 4096  # octets of one input


def one(octets: bytes) -> None:
    """Let every parser read the same octets. Raises for a finding."""
    _head(octets)
    _chunks(octets)
    for read in (parse_response_head, lambda text: normalise_path(text, True)):
        with contextlib.suppress(ProtocolError):
            read(octets)


def _head(octets: bytes) -> None:
    limits = HeadLimits()
    try:
        length, _ = request_length(octets, 0, limits)
    except ProtocolError:
        return
    scanned = 0
    for end in range(1, len(octets) + 1):
        found, scanned = request_length(octets[:end], scanned, limits)
        if found:
            break
    else:
        found = 0
    assert found == length, "octet by octet a head has another length"
    if length:
        try:
            head = parse_request_head(octets[:length], limits)
        except ProtocolError:
            return
        assert not (head.chunked and head.content_length >= 0), "both framings"


def _chunks(octets: bytes) -> None:
    assert _decoded([octets]) == _decoded([octets[at : at + 1] for at in range(len(octets))]), (
        "octet by octet a body has other content"
    )


def _decoded(pieces: list[bytes]) -> tuple[bytes, bool] | None:
    decoder = ChunkedDecoder()
    content, rest = b"", b""
    try:
        for piece in pieces:
            some, rest = decoder.feed(rest + piece)
            content += some
            if decoder.done:
                return content, True
    except ProtocolError:
        return None
    return content, False


def bent(seeds: Sequence[bytes], chance: random.Random) -> Iterator[bytes]:
    """Yield copies of the seeds with octets changed, cut out and put in, without end."""
    while True:
        octets = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(octets) + 1)
            how = chance.randrange(3)
            if how == 0:
                octets[at:at] = chance.randbytes(chance.randint(1, 4))
            elif how == 1:
                del octets[at : at + chance.randint(1, 16)]
            else:
                other = chance.choice(seeds)
                start = chance.randrange(len(other) + 1)
                octets[at:at] = other[start : start + 32]
        yield bytes(octets[:_LONGEST])


def corpus(folder: Path = ROOT / "tests" / "corpus") -> list[bytes]:
    """Return the messages of the corpus that are short enough."""
    found = (path.read_bytes() for path in sorted(folder.rglob("*.http")))
    return [octets for octets in found if len(octets) <= _LONGEST]


def search(inputs: Iterator[bytes], seconds: int, target: Target = one) -> int:
    """Try inputs for so long; return how many. Prints and raises what it finds."""
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        octets = next(inputs)
        try:
            target(octets)
        except BaseException:
            print(f"found with {octets!r}")
            raise
        count += 1
    return count


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtest.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=positive, default=60, help="how long (60)")
    parser.add_argument("--seed", type=positive, default=1, help="of the choices without atheris")
    given = parser.parse_args(words)
    if importlib.util.find_spec("atheris") is not None:
        import atheris

        atheris.Setup([sys.argv[0], f"-max_total_time={given.seconds}"], one)
        atheris.Fuzz()
        return 0
    chance = random.Random(given.seed)
    print(f"{search(bent(corpus(), chance), given.seconds)} inputs, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
