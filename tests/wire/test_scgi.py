"""The example of SCGI's specification, and what could break out of it."""

from forkproxy.wire.scgi import request


def test_a_request_is_a_netstring_and_the_content():
    params = [
        (b"CONTENT_LENGTH", b"27"),
        (b"SCGI", b"1"),
        (b"REQUEST_METHOD", b"POST"),
        (b"REQUEST_URI", b"/deepthought"),
    ]
    assert request(params, b"What is the answer to life?") == (
        b"70:CONTENT_LENGTH\x0027\0SCGI\x001\0REQUEST_METHOD\0POST\0"
        b"REQUEST_URI\0/deepthought\0,What is the answer to life?"
    )


def test_a_nul_in_a_value_makes_no_header_of_its_own():
    assert request([(b"A", b"x\0HTTP_ADMIN\x001")]) == b"15:A\0xHTTP_ADMIN1\0,"
