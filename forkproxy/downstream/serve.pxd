from libc.stdint cimport uint64_t

from forkproxy.core.exchange cimport Client, Exchange, Response
from forkproxy.core.plan cimport Server, Settings
from forkproxy.core.router cimport Names
from forkproxy.downstream.request_body cimport RequestBody
from forkproxy.net.stream cimport Stream
from forkproxy.net.tls cimport TlsStream


cdef class Serving(Client):
    """A client's side of exchanges: what all protocols do alike. A subclass speaks one of them.

    The methods of connections are not those of one HTTP/2 stream.
    """

    cdef object acceptor                # downstream.acceptor.Acceptor
    cdef Names names                    # of the listening address
    cdef Server first                   # whose limits hold until a head is there
    cdef uint64_t* facts                # this worker's row of the scoreboard

    # Of a connection: what the acceptor knows of it.
    cdef int arrive(self, Stream stream, bytes address, int port, object listener, object acceptor,
                    long long number) except -1
    # Of a part of a connection: all that is known of the whole, but its stream.
    cdef int belong(self, Serving connection) except -1
    # Take over what came before HTTP; the server is that of the name TLS was asked for.
    cdef int opened_by(self, Server server, TlsStream tls, bint plain_on_tls,
                       object proxy_line) except -1
    # Head and content to the client, and what follows a 101. Raises OSError, TimeoutError, Gone.
    # Waits.
    cdef int send(self, Exchange exchange, Response response) except -1
    # What the protocol has against a request to the server that it names; None: nothing.
    cdef Response unwelcome(self, Exchange exchange)
    # What the location's settings say of the connection's further life.
    cdef int settle(self, Exchange exchange, Settings settings) except -1

    # Of a connection: serve it from now on, in a greenlet that is there already. Waits.
    cdef int serve_now(self, uint64_t* facts) except -1
    # The worker drains: at the latest at `until` an idle connection ends. In the hub.
    cdef void wind_down(self, double until) noexcept
    cdef void cut(self) noexcept        # the worker ends: so does the connection. In the hub.

    # One exchange, from its head to its log line; the body is the request's, None without. Waits.
    cdef int serve(self, Exchange exchange, RequestBody body) except -1
    # Answer what was no request, and log it. Waits.
    cdef int refuse(self, Exchange exchange, int status, str reason) except -1
    cdef int _deliver(self, Exchange exchange, Response response) except -1
    cdef int _log(self, Exchange exchange) except -1
