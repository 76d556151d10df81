"""empty_gif: an image of one transparent pixel."""

from forkproxy.core.bodies cimport OctetsBody
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Handler, Location

# A screen and an image of one by one pixels, two colours, of which the second is transparent,
# and the pixel in it, compressed.
cdef bytes PIXEL = (
    b"GIF89a" + b"\x01\0\x01\0" + b"\x80\x01\0" + b"\0\0\0" + b"\xff\xff\xff"
    + b"\x21\xf9\x04\x01\0\0\x01\0" + b"\x2c\0\0\0\0\x01\0\x01\0\0" + b"\x02\x02\x4c\x01\0;"
)
cdef bytes LONG_AGO = b"Mon, 28 Sep 1970 06:00:00 GMT"     # nginx's: it has never changed


cdef class EmptyGif(Handler):

    cdef bint harmless(self) noexcept:
        return True

    cdef Response answer(self, Exchange exchange):
        cdef Response response
        if exchange.method not in (b"GET", b"HEAD"):
            return fault(exchange, 405)
        response = Response(200, None, OctetsBody(PIXEL))
        response.fields.add(b"Content-Type", b"image/gif")
        response.fields.add(b"Last-Modified", LONG_AGO)
        return response


def install(scope, Location location not None, making):
    """Let a location answer with the image."""
    if scope.own("empty_gif"):
        location.content = EmptyGif.__new__(EmptyGif)
