"""Listening sockets to connections, and how a worker stops taking any."""

from libc.errno cimport ECONNABORTED, EINTR, EMFILE, ENFILE, ENOBUFS, ENOMEM, errno
from posix.unistd cimport close as c_close

import os
import socket

import psutil

from forkproxy.core.router cimport Names
from forkproxy.core.subrequest cimport under_way
from forkproxy.downstream.http1 cimport Http1
from forkproxy.downstream.opening cimport Opening, ServerContexts
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.poller cimport Watch, poller
from forkproxy.net.poller import poller_object
from forkproxy.net.stream cimport Stream, set_option
from forkproxy.net.tls cimport TlsStream
from forkproxy.shared import counters
from forkproxy.net import tasks
from forkproxy.shared.counters cimport REFUSED, CountTable
from forkproxy.shared.tag cimport tag_of
from forkproxy.shared.errorlog import Level, log
from forkproxy.shared.logfile import files
from forkproxy.shared.scoreboard cimport ACCEPTED, ACTIVE, HANDLED, Scoreboard

cdef extern from "<sys/epoll.h>" nogil:
    unsigned int EPOLLIN

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET
    int AF_INET6
    int SOCK_NONBLOCK
    int SOCK_CLOEXEC
    ctypedef unsigned int socklen_t
    cdef struct sockaddr:
        pass
    cdef struct sockaddr_storage:
        unsigned short ss_family
    int accept4(int fd, sockaddr* address, socklen_t* length, int flags)

cdef extern from "<netinet/in.h>" nogil:
    int IPPROTO_TCP
    cdef struct in_addr:
        pass
    cdef struct in6_addr:
        pass
    cdef struct sockaddr_in:
        unsigned short sin_port
        in_addr sin_addr
    cdef struct sockaddr_in6:
        unsigned short sin6_port
        in6_addr sin6_addr

cdef extern from "<arpa/inet.h>" nogil:
    unsigned short ntohs(unsigned short number)
    const char* inet_ntop(int family, const void* address, char* text, socklen_t size)

cdef extern from "<netinet/tcp.h>" nogil:
    int TCP_NODELAY

DEF AT_ONCE = 64            # connections taken in one go with multi_accept
RETRY = 0.5                 # seconds until another try when descriptors are out
DEF MEMORY_LOOK = 1.0           # seconds between two looks at accept_memory_limit
DEF COUNTED = 4194304           # octets for counting addresses: 245,760 of them


cdef class Listener(Watch):

    def __init__(self, sock, address not None, Names names not None, Acceptor acceptor not None):
        """Accept on a socket of the address, a config.settings.ListenAddress, for these servers."""
        self.socket = sock
        self.fd = sock.fileno()
        self.text = address.text
        self.secure = address.ssl
        self.proxy_protocol = address.proxy_protocol
        self.http2_everywhere = address.http2
        self.http2 = address.http2 or any(server.http2 for server in names.servers)
        self.opens = self.secure or self.proxy_protocol or self.http2
        if self.secure:
            self.contexts = ServerContexts(names, address.http2)
        self.names = names
        self.acceptor = acceptor
        self.unix_socket = sock.family == socket.AF_UNIX
        if not self.unix_socket:
            # Linux hands it on to each accepted socket: one system call less a connection.
            set_option(self.fd, IPPROTO_TCP, TCP_NODELAY, 1)

    def open(self):
        poller.add(self, EPOLLIN)       # level-triggered: who takes one is told of the next

    cdef void ready(self, unsigned int events) noexcept:
        cdef int left = AT_ONCE if self.acceptor.greedy else 1
        try:
            while left > 0 and self._accept():
                left -= 1
        except Exception as error:
            poller.report("unhandled while accepting", error)

    cdef int _accept(self) except -1:
        """Take one connection; return whether there may be another."""
        cdef sockaddr_storage where
        cdef socklen_t length = sizeof(where)
        cdef int fd, port = 0
        cdef char text[64]
        cdef bytes address = b"unix:"
        fd = accept4(self.fd, <sockaddr*> &where, &length, SOCK_NONBLOCK | SOCK_CLOEXEC)
        if fd < 0:
            if errno in (EMFILE, ENFILE, ENOBUFS, ENOMEM):
                self.acceptor.pause_for_descriptors(errno)
                return 0
            return errno == ECONNABORTED or errno == EINTR
        if where.ss_family == AF_INET:
            inet_ntop(AF_INET, &(<sockaddr_in*> &where).sin_addr, text, sizeof(text))
            address = <bytes> text
            port = ntohs((<sockaddr_in*> &where).sin_port)
        elif where.ss_family == AF_INET6:
            inet_ntop(AF_INET6, &(<sockaddr_in6*> &where).sin6_addr, text, sizeof(text))
            address = <bytes> text
            port = ntohs((<sockaddr_in6*> &where).sin6_port)
        self.acceptor.admit(fd, address, port, self)
        return 1


cdef class Acceptor:

    def __init__(self, generation, sockets, cells=None):
        """Take a generation, and its listening sockets by the text of their address.

        The worker's counters go to its row of `cells` (shared.cells.Cells).
        """
        self.generation = generation
        self.clients = set()
        self.openings = set()
        self.addresses = {address.text: address for address in generation.listens}
        self.listeners = []
        self.most = generation.settings.worker_connections
        self.greedy = generation.multi_accept
        self.facts = self.own_facts
        self.memory_limit = generation.settings.accept_memory_limit
        self.places = {}
        http = generation.config.http
        self.most_each = 0 if http is None else http.value("connections_per_address")
        if self.most_each:
            self.held = counters.table(CountTable, "connections", COUNTED)
        if cells is not None:
            counters.enter(cells.row)
            self.facts = (<Scoreboard?> cells.board).row_cells(cells.row)
            for upstream in generation.upstreams:
                upstream.attach(cells)
            for counted in (*generation.tallies, *generation.attached):
                counted.attach(cells)
        for text, found in sockets.items():
            for sock in found:
                self.listeners.append(self._listener(text, sock))

    def _listener(self, str text, sock):
        return Listener(sock, self.addresses[text], self.generation.names[text], self)

    def start(self):
        """Begin to accept."""
        poller_object.open()
        poller_object.report_to(_report)
        poller_object.at_turn_end(files.flush)
        self.accepting = True
        if self.memory_limit:
            self.memory_watch = tasks.Timer(MEMORY_LOOK, self._look_at_memory)
        self._open()

    def _look_at_memory(self):
        """Accept nothing while the process is over its limit; what is open goes on and ends."""
        heavy = psutil.Process().memory_info().rss > self.memory_limit
        if heavy and not self.heavy:
            log.write(Level.WARN, "memory is above accept_memory_limit: accepting pauses")
            self._shut()
        self.heavy = heavy
        if not heavy:
            self._open()

    def _open(self):
        if self.accepting and not self.full and not self.heavy:
            for listener in self.listeners:
                if not (<Listener> listener).registered:
                    listener.open()

    def _shut(self):
        for listener in self.listeners:
            poller.forget(<Listener> listener)

    def adopt(self, str text not None, sock):
        """Accept from one more socket of an address: that of a slot whose worker is away."""
        listener = self._listener(text, sock)
        self.listeners.append(listener)
        if self.accepting and not self.full and not self.heavy:
            listener.open()

    def release(self, str text not None, sock):
        """Accept from that socket no more; the caller closes it."""
        for listener in list(self.listeners):
            if (<Listener> listener).socket is sock:
                poller.forget(<Listener> listener)
                self.listeners.remove(listener)

    def stop_accepting(self):
        """Take no more connections; what queues on the sockets is for others."""
        self.accepting = False
        self._shut()

    def pause_for_descriptors(self, code):
        """Descriptors or memory are out: leave the queue alone for a moment."""
        log.write(Level.CRIT, f"accept() failed ({code}: {os.strerror(code)})")
        self.full = True
        self._shut()
        poller.loop.timer(RETRY).start(self._resume)

    def _resume(self):
        self.full = False
        self._open()

    cdef int admit(self, int fd, bytes address, int port, Listener listener) except -1:
        cdef Stream stream
        cdef Http1 client
        cdef Opening opening
        cdef Py_ssize_t place = -1
        self.facts[<int> ACCEPTED] += 1
        self.numbered += 1
        if self.most_each and not self._may_come(address, &place):
            c_close(fd)
            return 0
        try:
            stream = TlsStream(fd) if listener.secure else Stream(fd)
        except OSError:
            c_close(fd)
            raise
        if place >= 0:
            self.places[stream] = place
        self.facts[<int> HANDLED] += 1
        self.facts[<int> ACTIVE] += 1
        if listener.opens:
            opening = Opening(stream, address, port, listener, self, self.numbered)
            self.openings.add(opening)
            self._count()
            opening.begin()
            return 0
        client = Http1(stream, address, port, listener, self, self.numbered)
        self.clients.add(client)
        self._count()
        client.begin(self.facts)
        return 0

    cdef bint _may_come(self, bytes address, Py_ssize_t* place) noexcept:
        """Whether an address may have one more connection; counted where it may."""
        if address.startswith(b"unix:"):
            return True
        place[0] = self.held.acquire(tag_of(address), self.most_each)
        if place[0] == <Py_ssize_t> REFUSED:
            log.write(Level.INFO, f"{self.most_each} connections_per_address are open, client: "
                                  f"{address.decode()}")
            return False
        return True             # also where the table is full: then nobody is counted out

    cdef int _count(self) except -1:
        """Stop accepting when there are as many connections as may be."""
        if len(self.clients) + len(self.openings) >= self.most:
            log.write(Level.ALERT, f"{self.most} worker_connections are not enough")
            self.full = True
            self._shut()
        return 0

    cdef int opened(self, Opening opening, Serving client) except -1:
        """The protocol of a connection is known: `client` speaks it from now on."""
        self.openings.discard(opening)
        self.clients.add(client)
        return client.serve_now(self.facts)

    cdef void never_opened(self, Opening opening) noexcept:
        """A connection has ended before its protocol was known."""
        self.openings.discard(opening)
        self._one_less(opening.stream)

    def gone(self, Serving client not None):
        """A connection has been closed."""
        self.clients.discard(client)
        self._one_less(client.stream)

    cdef void _one_less(self, Stream stream) noexcept:
        if self.held is not None and stream in self.places:
            self.held.release(self.places.pop(stream))
        self.facts[<int> ACTIVE] -= 1
        if self.full and len(self.clients) + len(self.openings) < self.most:
            self.full = False
            self._open()

    def patience(self, double keepalive_timeout):
        """Return the seconds that an idle connection is kept."""
        return min(keepalive_timeout, self.grace) if self.draining else keepalive_timeout

    def drain(self, double grace):
        """Answer from now on with "Connection: close"; keep idle connections `grace` seconds more.

        Not closed at once: a request may be on its way on any of them.
        """
        cdef Stream stream
        cdef double until = poller.now + grace
        self.draining = True
        self.grace = grace
        self.stop_accepting()
        for opening in self.openings:
            stream = (<Opening> opening).stream
            stream.read_by = min(stream.read_by, until)
        for client in list(self.clients):
            (<Serving> client).wind_down(until)

    def connections(self):
        """Return how many connections are open, tunnels and idle ones included."""
        return len(self.clients) + len(self.openings)

    def finished(self):
        """Return whether no connection is left, and nothing that one of them began."""
        return not self.clients and not self.openings and not under_way()

    def close_all(self):
        """Close all connections now; who waits on one, or for its upstream, stops with an error."""
        for opening in list(self.openings):
            (<Opening> opening).close()
        for client in list(self.clients):
            (<Serving> client).cut()


def _report(text, error):
    """What a greenlet did not catch is a bug: into the error log, and on."""
    log.bug(text, error)
