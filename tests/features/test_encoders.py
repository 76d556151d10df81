"""The codings, each as the same three calls."""

import resource
import sys
import zlib

import brotli
import pytest

from forkproxy.features import encoders

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"".join(b"<li>line %d</li>\n" % number for number in range(5000))


def compressed(encoder, pieces):
    return b"".join([encoder.feed(piece) for piece in pieces] + [encoder.finish()])


@pytest.mark.parametrize("level", range(1, 10))
@pytest.mark.parametrize("window", [9, 12, 15])
def test_gzip_at_each_level(level, window):
    out = compressed(encoders.gzip(level, window)(-1), [TEXT[:1000], TEXT[1000:]])
    assert zlib.decompress(out, 31) == TEXT


@pytest.mark.parametrize("level", range(1, 10))
def test_gzip_is_no_longer_than_what_zlib_makes_at_the_same_level(level):
    ours = compressed(encoders.gzip(level, 15)(-1), [TEXT])
    other = zlib.compressobj(level, wbits=31)
    assert len(ours) <= 1.01 * len(other.compress(TEXT) + other.flush())


@pytest.mark.parametrize("level", [1, 2, 6])
def test_what_was_flushed_can_be_read(level):
    encoder = encoders.gzip(level, 15)(-1)
    reader = zlib.decompressobj(31)
    for piece in (b"one", b"two", TEXT):
        assert reader.decompress(encoder.feed(piece) + encoder.flush()) == piece
    assert reader.decompress(encoder.finish()) == b""
    assert reader.eof


def test_nothing_is_a_stream_too():
    assert zlib.decompress(encoders.gzip(1, 15)(-1).finish(), 31) == b""


@pytest.mark.parametrize("level", [0, 4, 6, 11])
@pytest.mark.parametrize("window", [10, 24])
def test_brotli(level, window):
    out = compressed(encoders.brotli(level, window)(-1), [TEXT[:1000], TEXT[1000:]])
    assert brotli.decompress(out) == TEXT


def test_what_brotli_flushed_can_be_read():
    encoder, reader = encoders.brotli(4, 19)(-1), brotli.Decompressor()
    for piece in (b"one", b"two", TEXT):
        heard = reader.process(encoder.feed(piece) + encoder.flush())
        while more := reader.process(b""):
            heard += more
        assert heard == piece
    reader.process(encoder.finish())
    assert reader.is_finished()


@pytest.mark.parametrize("level", [1, 3, 19])
def test_zstd(level):
    out = compressed(encoders.zstd(level)(-1), [TEXT[:1000], TEXT[1000:]])
    assert zstd.decompress(out) == TEXT


def test_what_zstd_flushed_can_be_read():
    encoder, reader = encoders.zstd(3)(-1), zstd.ZstdDecompressor()
    for piece in (b"one", b"two", TEXT):
        assert reader.decompress(encoder.feed(piece) + encoder.flush()) == piece
    reader.decompress(encoder.finish())
    assert reader.eof


def test_zstd_says_the_length_that_is_known():
    out = compressed(encoders.zstd(1)(len(TEXT)), [TEXT[:1000], TEXT[1000:]])
    assert zstd.get_frame_info(out).decompressed_size == len(TEXT)
    assert zstd.decompress(out) == TEXT


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts as Linux does")
def test_encoders_that_follow_each_other_ask_the_kernel_for_no_more_memory():
    make = encoders.brotli(6, 19)
    compressed(make(-1), [TEXT])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        compressed(make(-1), [TEXT])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 10 * 300
