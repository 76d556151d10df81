"""What this build can speak."""

from forkproxy.downstream import protocols


def test_http2_is_there_where_libnghttp2_was():
    assert protocols.Http2 is not None
