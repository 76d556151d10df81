from libc.stdint cimport uint64_t

from forkproxy.core.router cimport Names
from forkproxy.downstream.opening cimport Opening, ServerContexts
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.poller cimport Watch
from forkproxy.net.stream cimport Stream
from forkproxy.shared.counters cimport CountTable


cdef class Listener(Watch):
    """One listening socket in this worker."""

    cdef readonly Names names           # the virtual servers of its address
    cdef readonly str text              # the address, as the configuration prints it
    cdef object socket                  # the master's; only its number is used
    cdef Acceptor acceptor
    cdef bint unix_socket
    cdef bint opens                     # what comes first: TLS, a PROXY header, a preface
    cdef readonly bint http2            # a server of the address speaks HTTP/2
    cdef readonly bint http2_everywhere     # all do: `listen … http2`
    cdef readonly bint secure           # TLS is spoken here
    cdef readonly bint proxy_protocol
    cdef ServerContexts contexts

    cdef int _accept(self) except -1


cdef class Acceptor:
    """A worker's side of its listening sockets, and all connections that came in by them."""

    cdef readonly object generation
    cdef list listeners
    cdef set clients                    # open connections
    cdef set openings                   # those whose protocol is not known yet
    cdef readonly bint draining
    cdef bint accepting
    cdef bint full                      # worker_connections is reached, or descriptors are out
    cdef double grace                   # seconds that idle connections are kept while draining
    cdef long long numbered
    cdef int most
    cdef int most_each                  # connections_per_address; 0: any number
    cdef CountTable held                # how many each address has; None: nobody counts
    cdef dict places                    # Stream to its place in there
    cdef object memory_watch            # net.tasks.Timer
    cdef bint heavy                     # the process is over accept_memory_limit
    cdef size_t memory_limit
    cdef bint greedy                    # multi_accept
    cdef uint64_t* facts                # this worker's row of the scoreboard
    cdef uint64_t own_facts[32]

    cdef dict addresses                 # of the generation's listens, by text

    cdef int admit(self, int fd, bytes address, int port, Listener listener) except -1
    cdef int _count(self) except -1
    cdef int opened(self, Opening opening, Serving client) except -1
    cdef void never_opened(self, Opening opening) noexcept
    cdef void _one_less(self, Stream stream) noexcept
    cdef bint _may_come(self, bytes address, Py_ssize_t* place) noexcept
