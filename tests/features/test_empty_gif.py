"""empty_gif: an image of one transparent pixel."""

from tests.support.client import ask, get, request
from tests.support.inside import Inside

CONF = "location / { empty_gif; }"


def test_it_is_an_image_that_never_changes():
    with Inside(CONF) as server:
        found = get(server.address)
        assert found.get(b"content-type") == b"image/gif"
        assert found.body.hex() == (
            "47494638396101000100800100000000ffffff21f90401000001002c00000000010001000002024c01003b"
        )
        again = get(server.address, b"/", b"If-Modified-Since: " + found.get(b"last-modified"))
        assert again.status == 304


def test_nothing_can_be_put_there():
    with Inside(CONF) as server:
        found = ask(server.address, request(b"PUT", b"/", b"Content-Length: 0"))
        assert found.status == 405
