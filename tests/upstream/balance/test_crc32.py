import zlib

from forkproxy.upstream.balance.crc32 import crc32


def test_the_sum_is_zlibs():
    for octets in (b"", b"a", b"127.0.0.1\x0080", bytes(range(256)) * 3):
        assert crc32(octets) == zlib.crc32(octets)
