import http.client

import pytest

from loadtest.summing_origin import PIECE, SummingOrigin, content, sum_of


@pytest.fixture
def connection():
    with SummingOrigin() as origin:
        connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=10)
        yield connection
        connection.close()


@pytest.mark.parametrize("octets", [0, 1, PIECE, 2 * PIECE + 5])
def test_content_is_as_long_as_asked_for(connection, octets):
    connection.request("GET", f"/{octets}")
    body = connection.getresponse().read()
    assert len(body) == octets
    assert sum_of([body]) == sum_of(content(octets))


def test_no_two_pieces_are_equal():
    assert len(set(content(5 * PIECE))) == 5


@pytest.mark.parametrize("chunked", [True, False])
def test_what_is_sent_is_summed(connection, chunked):
    octets = 3 * PIECE + 7
    fields = {} if chunked else {"Content-Length": str(octets)}
    connection.request("PUT", "/", content(octets), fields, encode_chunked=chunked)
    assert connection.getresponse().read().decode() == sum_of(content(octets))


def test_an_octet_more_or_less_is_another_sum():
    assert sum_of(content(10)) != sum_of(content(11))
