"""The codings that content can be sent in, each as the same three calls.

What makes an encoder is asked with the length of what will come, -1 where it is not known.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

# isal's levels that compress as well as zlib's at 3 to 4 times the speed; measured on HTML, source
# text and JSON of 100 KB. From 3 on zlib makes less of them, so zlib does it.
_ISAL = {1: 1, 2: 3}
# Bits of how much brotli takes in before it works on it. Most pages fit, and are compressed in one
# go while its tables are in the processor's cache: 2.4 ms, and 2.7 where others have turns between.
_BROTLI_BLOCK = 17
_GZIP = 16  # what zlib adds to the bits of a window to mean gzip's frame


@dataclass(frozen=True, slots=True)
class Encoder:
    """A stream of one coding.

    Attributes:
        feed: takes octets, returns what is ready.
        flush: returns the rest, so that the client can read all that was fed.
        finish: returns the rest, and the end.
    """

    feed: Callable[[bytes], bytes]
    flush: Callable[[], bytes]
    finish: Callable[[], bytes]


Make = Callable[[int], Encoder]


def gzip(level: int, window: int) -> Make:
    """Return what makes encoders of gzip; `window` in bits, 9 to 15.

    What they need is loaded now, not by the first request.
    """
    bits = _GZIP + window
    if level in _ISAL:
        from isal import isal_zlib  # who compresses nothing does without it

        return lambda _length: _zlib(isal_zlib.compressobj(_ISAL[level], wbits=bits))
    return lambda _length: _zlib(zlib.compressobj(level, wbits=bits))


def at_once(make: Make) -> Callable[[bytes], bytes]:
    """Return what encodes octets that are there as a whole."""

    def encode(octets: bytes) -> bytes:
        encoder = make(len(octets))
        return encoder.feed(octets) + encoder.finish()

    return encode


class _Deflate(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self, mode: int = ..., /) -> bytes: ...


def _zlib(stream: _Deflate) -> Encoder:
    return Encoder(stream.compress, partial(stream.flush, zlib.Z_SYNC_FLUSH), stream.flush)


def brotli(level: int, window: int) -> Make:
    """Return what makes encoders of brotli; `window` in bits, 10 to 24."""
    from brotli import Compressor

    _keep_memory()
    block = _BROTLI_BLOCK if window >= _BROTLI_BLOCK else 0

    def begin(_length: int) -> Encoder:
        stream = Compressor(quality=level, lgwin=window, lgblock=block)
        return Encoder(stream.process, stream.flush, stream.finish)

    return begin


def zstd(level: int) -> Make:
    """Return what makes encoders of zstd."""
    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdCompressor
    else:
        from backports.zstd import ZstdCompressor

    _keep_memory()

    def begin(length: int) -> Encoder:
        stream = ZstdCompressor(level)
        if length >= 0:
            stream.set_pledged_input_size(length)  # smaller tables for what is small
        return Encoder(
            stream.compress, partial(stream.flush, ZstdCompressor.FLUSH_BLOCK), stream.flush
        )

    return begin


# mallopt(3): how large a piece has to be to get pages of its own, and how much may stay unused.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 16 << 20  # octets a process
_LARGEST = 8 << 20  # octets of what one encoder asks for at once


def _keep_memory() -> None:
    """Let the C library keep what one encoder has given back for the next.

    They take 1 to 3 MB each. By default that goes back to the kernel, depending on what lies behind
    it, and comes as new pages for the next: 770 faults for one page of HTML in brotli, which took
    3.8 ms with them and 2.1 ms without.
    """
    with contextlib.suppress(AttributeError, OSError):  # musl has no such call, and no such need
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGEST)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT)
