"""What comes on a connection before HTTP: a PROXY header, then a TLS handshake.

Until the first octet there is no greenlet; the whole of the opening has the time of
client_header_timeout. What goes wrong here has no request: it is a line in the error log.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memcmp

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.handshakes cimport Handshakes
from forkproxy.core.plan cimport Server
from forkproxy.core.router cimport Names
from forkproxy.downstream.acceptor cimport Acceptor, Listener
from forkproxy.downstream.http1 cimport Http1
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.buffer cimport Buffer, give_back, lend_small
from forkproxy.net.poller cimport Task, poller
from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.net.tls cimport Contexts, TlsStream
from forkproxy.net.tls_context cimport TlsContext
from forkproxy.wire.head cimport RequestHead
from forkproxy.wire.proxy_line cimport parse_proxy_line

from forkproxy.errors import Gone, ProtocolError
from forkproxy.downstream import protocols
from forkproxy.net.tls import TlsFailed
from forkproxy.shared.errorlog import Level

# For ALPN (RFC 7301), as nginx: each name behind its length.
cdef bytes HTTP1 = b"\x08http/1.1\x08http/1.0\x08http/0.9"
cdef bytes HTTP2 = b"\x02h2" + HTTP1
cdef bytes PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"        # RFC 9113 §3.4

DEF HANDSHAKE = 22          # the first octet of a TLS record with a ClientHello


cdef class ServerContexts(Contexts):

    def __init__(self, Names names not None, bint everywhere):
        self.names = names
        self.first = names.default.tls
        self.everywhere = everywhere

    cdef TlsContext choose(self, TlsStream stream, bytes name):
        cdef Server server = self.names.default
        if name is not None:
            server = self.names.find(None, name)
        stream.server = server
        return self.first if server.tls is None else <TlsContext> server.tls

    cdef bytes offered(self, TlsStream stream):
        return HTTP2 if self.everywhere or (<Server> stream.server).http2 else HTTP1


cdef class FirstWords(Task):

    cdef int run(self) except -1:
        self.opening.run()
        return 0

    def __repr__(self):
        return f"<opening of connection {self.opening.number}>"


cdef class Opening(Sleeper):

    def __init__(self, Stream stream not None, bytes address not None, int port, listener, acceptor,
                 long long number):
        self.stream = stream
        self.address = address
        self.port = port
        self.listener = listener
        self.acceptor = acceptor
        self.number = number
        self.task = FirstWords.__new__(FirstWords)
        self.task.opening = self

    cdef int begin(self) except -1:
        """Wait for the first octets. In the hub."""
        cdef Names names = self.listener.names
        self.stream.read_by = poller.now + names.default.client_header_timeout
        self.stream.write_limit = names.default.client_header_timeout
        self.stream.sleeper = self
        if self.stream.readable:
            # Nobody has looked yet; with TCP_DEFER_ACCEPT, or under load, the octets are there.
            self.stream.sleeper = None
            poller.soon(self.task)
        return 0

    cdef void woken(self, Stream stream) noexcept:
        stream.sleeper = None
        poller.wake(self.task)

    cdef void expired(self, Stream stream) noexcept:
        self.close()

    cdef int run(self) except -1:
        """Open the connection and serve what it turns out to be, or close it. Waits."""
        try:
            self._open()
        except ProtocolError as error:
            self._report(f"{error.reason} while reading PROXY protocol")
        except TlsFailed as error:
            self._report(f"{error.strerror} while SSL handshaking")
        except TimeoutError:
            self._report("client timed out (110: Connection timed out)")
        except (Gone, OSError) as error:
            self._report(f"client closed the connection early ({error})")
        else:
            if self.task is not None:
                return self._become()
        self.close()
        return 0

    cdef int _open(self) except -1:
        if self.listener.proxy_protocol:
            self._read_proxy_line()
        if self.listener.secure:
            self._shake_hands()
        return 0

    cdef int _read_proxy_line(self) except -1:
        """Take the PROXY header off the connection, and no octet more: TLS may follow."""
        cdef Buffer buffer = lend_small()
        cdef Py_ssize_t count, length = 0
        try:
            while True:
                count = self.stream.try_peek(buffer.data, buffer.size)
                if count == 0:
                    raise Gone("no PROXY header")
                if count > 0:
                    self.proxy_line = parse_proxy_line(buffer.data, count, &length)
                    if length:
                        break
                    self.stream.readable = False
                    if self.stream.hung_up:
                        raise Gone("half a PROXY header")
                self.stream.wait_readable()
            # It is all there: this reads at once, and nothing else.
            self.stream.try_recv(buffer.data, length)
            self.stream.readable = True
        finally:
            give_back(buffer)
        return 0

    cdef int _shake_hands(self) except -1:
        cdef TlsStream stream = <TlsStream> self.stream
        cdef unsigned char first = 0
        while True:
            count = stream.try_peek(<char*> &first, 1)
            if count > 0:
                break
            if count == 0:
                raise Gone("no handshake")
            stream.wait_readable()
        if first != HANDSHAKE and not first & 0x80:
            # Plain HTTP, most likely: the request is read, to say so in an answer (497).
            self.plain_on_tls = True
            return 0
        stream.asker = self._exchange
        try:
            stream.accept_tls((<Listener> self.listener).contexts)
        except (OSError, Gone) as error:
            self._count(stream, error)
            raise
        self._count(stream, None)
        stream.asker = None
        if stream.validates:
            raise Gone("a name was validated")      # RFC 8737 §3: no more is said
        return 0

    cdef int _count(self, TlsStream stream, object error) except -1:
        cdef Handshakes counts = <Handshakes> stream.context.counts
        if counts is None:
            return 0
        return counts.done(stream) if error is None else counts.failed(error)

    def _exchange(self):
        """Return an exchange without a request, for variables in the names of certificates."""
        cdef RequestHead head = RequestHead.__new__(RequestHead)
        cdef Exchange made = Exchange(head.stand_in(b""), self._client())
        made.server = (<TlsStream> self.stream).server
        made.uri = b""
        return made

    cdef int _become(self) except -1:
        """Hand the connection over to who speaks its protocol."""
        cdef Serving client
        if (<Listener> self.listener).http2 and self._speaks_http2():
            client = self._opened(protocols.Http2(
                self.stream, self.address, self.port, self.listener, self.acceptor, self.number))
        else:
            client = self._client()
        self.task = None
        self.stream.read_by = 0.0
        return (<Acceptor> self.acceptor).opened(self, client)

    cdef bint _speaks_http2(self) except -1:
        """In TLS, ALPN says so; in plain, whether the client begins as RFC 9113 §3.4 wants. Waits.

        What could still become the preface is waited for, as long as the opening may take.
        """
        cdef Buffer buffer
        cdef Py_ssize_t count, most = PyBytes_GET_SIZE(PREFACE)
        if not self.stream.plain():
            return (<TlsStream> self.stream).protocol() == b"h2"
        if self.plain_on_tls:
            return False
        buffer = lend_small()
        try:
            while True:
                count = self.stream.try_peek(buffer.data, most)
                if count == most or count == 0 or count > 0 and memcmp(
                        buffer.data, PyBytes_AS_STRING(PREFACE), count) != 0:
                    return count == most and memcmp(
                        buffer.data, PyBytes_AS_STRING(PREFACE), count) == 0
                self.stream.readable = False
                if self.stream.hung_up:
                    return False
                self.stream.wait_readable()
        finally:
            self.stream.readable = True
            give_back(buffer)

    def _client(self):
        return self._opened(Http1(self.stream, self.address, self.port, self.listener,
                                  self.acceptor, self.number))

    def _opened(self, Serving client):
        cdef TlsStream tls = None
        if isinstance(self.stream, TlsStream) and not self.stream.plain():
            tls = <TlsStream> self.stream
        client.opened_by(None if tls is None else tls.server, tls, self.plain_on_tls,
                         self.proxy_line)
        return client

    cdef int _report(self, str text) except -1:
        """Write a line to the error log of the address's default server."""
        cdef Names names = self.listener.names
        log = names.default.default.settings.error_log
        if log.wants(Level.INFO):
            log.write(Level.INFO, f"{text}, client: {self.address.decode()}, "
                                  f"server: {self.listener.text}", self.number)
        return 0

    cdef void close(self) noexcept:
        if self.task is None:
            return
        self.task = None
        self.stream.close()
        (<Acceptor> self.acceptor).never_opened(self)
