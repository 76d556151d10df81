"""The content of a request, as the client sends it: its limits are those of the location."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.plan cimport Location, Settings

from forkproxy.net.poller cimport poller

from forkproxy.errors import Gone, ProtocolError

DEF GRACE = 5.0             # seconds before client_body_min_rate holds


cdef class RequestBody(Incoming):

    cdef Settings _settings(self):
        cdef Exchange exchange = self.exchange
        if exchange.location is not None:
            return (<Location> exchange.location).settings
        return self.before

    cdef Py_ssize_t receive(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        cdef double since = poller.now
        self.client.continue_request()
        self.client.stream.read_limit = self._settings().client_body_timeout
        try:
            count = self.client.stream.recv_into(into, room)
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            raise Gone(f"recv() failed ({error.errno}: {error.strerror})") from None
        if count == 0:
            raise Gone("client prematurely closed connection")
        self.came += count
        if poller.now > since:
            self._check_rate(since)
        return count

    cdef int _check_rate(self, double since) except -1:
        """client_body_min_rate: what drips in holds memory and a peer, however often it drips.

        Only what we waited for the client counts, and the first seconds are free.
        """
        cdef long long least = self._settings().client_body_min_rate
        self.waited += poller.now - since
        if least and self.waited > GRACE and self.came < least * (self.waited - GRACE):
            raise ProtocolError("client sends its body too slowly", status=408)
        return 0

    cdef int cut_short(self) except -1:
        raise Gone("client prematurely closed connection")

    cdef int broken(self, str reason) except -1:
        raise ProtocolError(reason)

    cdef int _decode(self) except -1:
        cdef long long most = self._settings().client_max_body_size
        Incoming._decode(self)
        if most and self.content_read + self.content > most:
            raise ProtocolError("client intended to send too large chunked body", status=413)
        return 0
