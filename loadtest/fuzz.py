"""Octets at the parsers until one breaks: `python -m loadtest.fuzz [--http2] [--seconds N]`.

Heads of requests and answers, framing, chunked bodies, PROXY headers and targets, each in one go
and octet by octet, which must agree; anything but ProtocolError is a finding, and is printed with
the octets. They are bent copies of tests/corpus, or what atheris chooses where that is installed:
for it to see into the compiled parsers, and for overruns to be seen at all, build these with

    CC=clang CFLAGS="-O1 -g -fsanitize=address,fuzzer-no-link" python setup.py build_ext --inplace

and run with PYTHONMALLOC=malloc, ASAN_OPTIONS=detect_leaks=0 and atheris' asan_with_fuzzer.so in
LD_PRELOAD.
"""

import argparse
import contextlib
import importlib.util
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from forkproxy.errors import ProtocolError
from forkproxy.wire import proxy_line
from forkproxy.wire.chunk import framed
from forkproxy.wire.chunked import ChunkedDecoder
from forkproxy.wire.fields import Fields
from forkproxy.wire.head import parse_fields, parse_request_head, parse_response_head
from forkproxy.wire.head_limits import HeadLimits, request_length, response_length
from forkproxy.wire.target import host_name, normalise_path
from loadtest import fuzz_http2
from loadtest.options import positive
from loadtest.origin import ROOT

Target = Callable[[bytes], None]
_LONGEST = 4096  # octets of one input


def one(octets: bytes) -> None:
    """Let every parser read the same octets. Raises for a finding."""
    for read in (_request, _response, _chunks, _proxy_line, _target):
        with contextlib.suppress(ProtocolError):
            read(octets)


def _request(octets: bytes) -> None:
    limits = HeadLimits()
    length = _length(octets, lambda some, scanned: request_length(some, scanned, limits))
    if length:
        head = parse_request_head(octets[:length], limits)
        assert not (head.chunked and head.content_length >= 0), "both framings"
        _goes_on(head.fields)


def _response(octets: bytes) -> None:
    length = _length(octets, response_length)
    if length:
        head = parse_response_head(octets[:length])
        assert not (head.chunked and head.content_length >= 0), "both framings"
        _goes_on(head.fields)


def _length(octets: bytes, measure: Callable[[bytes, int], tuple[int, int]]) -> int:
    """Return how long the head is; 0 where it does not end."""
    length, _ = measure(octets, 0)
    found = scanned = 0
    for end in range(1, len(octets) + 1):
        found, scanned = measure(octets[:end], scanned)
        if found:
            break
    assert found == length, "octet by octet a head has another length"
    return length


def _goes_on(fields: Fields) -> None:
    """What is written of fields is read as the same fields."""
    pairs = fields.items()
    assert not any(octet in value for _, value in pairs for octet in b"\r\n\0"), "a line more"
    again = parse_fields(fields.written() + b"\r\n", HeadLimits(total=1 << 20, line=1 << 20))
    assert again.items() == pairs, "written and read, the fields are others"


def _proxy_line(octets: bytes) -> None:
    found, length = proxy_line.parse(octets)
    for end in range(length):
        assert proxy_line.parse(octets[:end]) == (None, 0), "a PROXY header ends early"
    if found is not None:
        for name in ("alpn", "ssl_version", "ssl_verify", "0xea"):
            found.tlv(name)


def _target(octets: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        host_name(octets)
    for merge in (False, True):
        path = normalise_path(b"/" + octets, merge)
        assert b"/../" not in path, "a path that goes up"
        assert not path.endswith(b"/.."), "a path that goes up"


def _chunks(octets: bytes) -> None:
    assert _decoded([octets]) == _decoded([octets[at : at + 1] for at in range(len(octets))]), (
        "octet by octet a body has other content"
    )
    if octets:
        assert _decoded([framed(octets), b"0\r\n\r\n"]) == (octets, True), (
            "framed, it is other content"
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
    parser.add_argument(
        "--http2", action="store_true", help="HTTP/2's session (loadtest.fuzz_http2)"
    )
    given = parser.parse_args(words)
    target, seeds = (fuzz_http2.one, fuzz_http2.seeds()) if given.http2 else (one, corpus())
    if importlib.util.find_spec("atheris") is not None:
        import atheris

        with tempfile.TemporaryDirectory() as folder:
            for number, octets in enumerate(seeds):
                (Path(folder) / str(number)).write_bytes(octets)
            limits = [f"-max_total_time={given.seconds}", f"-max_len={_LONGEST}"]
            atheris.Setup([sys.argv[0], *limits, folder], target)
            atheris.Fuzz()
        return 0
    chance = random.Random(given.seed)
    count = search(bent(seeds, chance), given.seconds, target)
    print(f"{count} inputs, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
