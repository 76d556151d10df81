"""The PROXY header that a connection to a peer begins with.

It says whose request a connection carries, so it carries no other client's: who keeps connections
keeps them by it.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from posix.uio cimport iovec

from forkproxy.core.exchange cimport Client, Exchange
from forkproxy.net.stream cimport Stream

from forkproxy.errors import PeerError
from forkproxy.wire.proxy_line import local_record, write_line, write_record


cdef class Introduction:

    def __init__(self, int version):
        self.version = version

    cdef bytes header(self, Exchange exchange):
        """Who the client is, as $remote_addr has it, and where it was accepted."""
        cdef Client client = exchange.client
        write = write_line if self.version == 1 else write_record
        return write(exchange.address, exchange.port, client.local_address(), client.local_port())

    def of_nobody(self):
        """Return the header of a connection of our own: a health check."""
        return b"PROXY UNKNOWN\r\n" if self.version == 1 else local_record()


cdef tuple met_as(tuple identity, bytes header):
    return identity if header is None else (identity, header)


cdef int introduce(Stream stream, bytes header) except -1:
    cdef iovec piece
    piece.iov_base = PyBytes_AS_STRING(header)
    piece.iov_len = PyBytes_GET_SIZE(header)
    try:
        if stream.try_sendv(&piece, 1) == PyBytes_GET_SIZE(header):
            return 0
        reason = "no room"          # on a new socket: it will not get better
    except OSError as error:
        reason = error.strerror
    stream.close()
    raise PeerError(f"sending a PROXY header failed ({reason})", sent=False)
