"""The content of an answer on its way, in memory and in files."""

import pytest

from tests.cache.test_distant import BODY, followed
from tests.support.caching import FRESH, Halting, caching, response
from tests.support.client import Client, request

IN_MEMORY = 131072


@pytest.mark.parametrize("length", [IN_MEMORY - 1, IN_MEMORY, IN_MEMORY + 1, 2 * IN_MEMORY])
def test_around_the_size_at_which_it_goes_into_a_file(length):
    body = BODY[:length]
    whole = response(body, FRESH)
    script = Halting(whole, len(whole) - 10)
    with caching(script) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        client.reader.until(b"\r\n\r\n")
        script.go_on.set()
        assert client.reader.exactly(length) == body
        server.settle()
        assert server.ask().body == body
        files = [path for path in (server.prefix / "cache" / "bodies").rglob("*") if path.is_file()]
        assert len(files) == (length > IN_MEMORY)


@pytest.mark.parametrize("length", [IN_MEMORY, IN_MEMORY + 1])
def test_around_that_size_while_another_reads_along(length):
    body = BODY[:length]
    with followed(response(body, FRESH)) as (server, one, other, go_on):
        go_on.set()
        assert one.reader.exactly(length) == body
        assert other.reader.exactly(length) == body
        server.settle()
        assert server.ask().body == body
