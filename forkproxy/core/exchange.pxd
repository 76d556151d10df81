from forkproxy.net.stream cimport Stream
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head cimport RequestHead
from forkproxy.wire.names cimport NameSet


cdef class Body:
    """The content of a message, read once, from front to end."""

    cdef public long long length        # octets in all; -1: known only at the end
    cdef public Fields trailers         # None until the end, and where there are none
    cdef bytes leftover

    # The next octets, at most `room`; 0 at the end. Waits.
    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1
    # How many octets are there without waiting, and where; 0 when one has to ask read_into.
    cdef Py_ssize_t at_hand(self, const char** octets) except -1
    cdef void took(self, Py_ssize_t count) noexcept         # that many of those at hand were used
    # Whether the `count` octets that were read are all, as far as one knows without waiting.
    cdef bint drained(self, long long count) noexcept
    # Octets that were at hand are needed over a wait: where they are then, until took() or close().
    cdef const char* hold(self, const char* octets, Py_ssize_t count) except NULL
    # the reader is slow: the body to go on with, which may read ahead of it
    cdef Body read_on(self)
    # Be only these octets of itself from now on, counted from the front of all; whether it can.
    cdef bint cut(self, long long start, long long length) except -1
    cpdef bytes read(self)              # the next piece, b"" at the end. Waits.
    cpdef void close(self)              # no more will be read; may be called twice


cdef class Response:
    """An answer on its way to the client."""

    cdef public int status
    cdef public bytes reason            # None: the standard one
    cdef public bint special            # our own page for its status, or redirect
    cdef public bint text_given         # by `return status text`: error_page leaves it alone
    cdef public int shown_for           # 494 to 497: what the shown 400 stands for; else 0
    cdef public Fields fields
    cdef public Body body               # None: no content
    cdef public bint from_upstream      # else ours, for error_page to replace
    # out of the cache: what the client asked of it is ours to answer
    cdef public bint cached
    cdef public bint allow_ranges       # its source says that parts of it may be asked for
    cdef public bint single_range       # but one at a time: it comes while it is sent
    cdef public Stream tunnel           # after a 101: what the client's connection is joined with
    cdef public bytes early             # what came on the tunnel behind the head
    cdef public double tunnel_limit     # seconds without an octet until the tunnel is closed
    cdef public bint close_unanswered   # nginx's 444: nothing is sent
    cdef public bint unbuffered         # each piece to the client as it comes
    cdef public NameSet hidden          # fields that are not shown to the client, None: all are
    cdef public bint pass_trailers      # the upstream's trailers go on to the client
    cdef public tuple trailers          # (name, Expression) of ours, behind the content; None
    cdef public Fields sent_trailers    # what was sent, once the content was
    cdef public bint chunked            # the content goes out in chunks
    cdef public long long declared_length   # without a body: what Content-Length says; -1: nothing
    cdef public bytes date  # the upstream's own Date and Server, where they are passed on
    cdef public bytes server


cdef class Attempt:
    """One try to get an answer from an upstream: what $upstream_* tell."""

    cdef readonly bytes address
    cdef public int status              # 0: none came
    cdef public double started          # monotonic
    cdef public double connect_time     # seconds; -1.0 where it did not come to that
    cdef public double header_time
    cdef public double response_time
    cdef public double idled            # seconds that its connection was idle before; -1.0: new
    cdef public long long received      # octets
    cdef public long long content       # octets of the body
    cdef public long long sent


cdef class Client:
    """The downstream side of an exchange, whatever the protocol."""

    cdef readonly Stream stream
    cdef readonly long long number      # of the connection, in this process: $connection
    cdef readonly long long requests    # so far: $connection_requests
    cdef readonly double since          # wall time of the accept
    cdef readonly bytes address         # of the other side, as text; b"unix:" for a Unix socket
    cdef readonly int port
    cdef readonly object listener       # the address it was accepted on
    cdef readonly bint secure           # TLS
    cdef readonly object tls            # its net.tls.TlsStream; None: plain
    cdef readonly bint plain_on_tls     # plain HTTP on an address for TLS: to be refused, politely
    cdef readonly object proxy_line     # wire.proxy_line.ProxyLine that came before all else; None
    cdef bytes own_address              # where it was accepted, once somebody asked
    cdef int own_port

    # 100 Continue, if one is expected and was not sent. Waits.
    cdef int continue_request(self) except -1
    # An answer before the answer, such as 103 Early Hints; fields that are not `hidden`. Waits.
    cdef int inform(self, int status, Fields fields, NameSet hidden) except -1
    cdef int descriptor(self) noexcept  # of the socket
    cdef bytes local_address(self)      # $server_addr
    cdef int local_port(self) except -1
    cdef int _find_own(self) except -1


cdef class Exchange:
    """One request and its response, from the head to the log line."""

    cdef readonly RequestHead head
    cdef readonly Client client
    cdef public object server           # core.plan.Server
    cdef public object location         # core.plan.Location
    cdef readonly double started        # monotonic
    cdef public bytes address           # the client's, of whom all judgement is: realip changes it
    cdef public int port
    cdef public bytes method            # what handlers see: error_page makes it GET
    cdef public bytes uri               # $uri: decoded, normalised; rewrites change it
    cdef public bytes args              # $args, None where there is no "?"
    cdef public bint as_sent            # uri and args are still those of the request line
    # after `rewrite … break`: proxy_pass does not replace its part of the path
    cdef public bint uri_kept
    cdef public bint uri_changed        # a rewrite wants a new location
    cdef public bint internal           # after an internal redirect
    cdef readonly Exchange parent       # of a subrequest: who asked for it; None: the client did
    cdef readonly int depth             # subrequests around this one
    cdef readonly bint background       # nobody waits for it, the client's going does not end it
    cdef readonly bint content_next     # its location is found, its phases done up to the content
    cdef readonly bint ended            # of a subrequest: logged, and nothing of its answer is held
    cdef public int redirects           # internal ones and rewrite rounds
    cdef public bint keep_alive         # the connection may carry another request
    cdef public Body body               # of the request, None: there is none
    cdef public object stored_body      # core.bodies.Stored, once it was read ahead
    cdef public object captures         # the last regular expression's match, for $1
    cdef public list values             # of set, map and named captures: None until the first
    cdef public Response response
    cdef public int status              # that was sent; 0: nothing was
    cdef public long long header_sent   # octets
    cdef public long long content_sent  # octets of content, without the chunked coding
    cdef public long long sent          # octets, everything
    cdef public bint completed
    cdef public bint pipelined          # its head was read together with an earlier request
    cdef public bint for_cache          # the upstream is asked for something to store
    cdef public object cache            # what the cache knows of this exchange; None
    # of the last upstream's answer, before anything changed them
    cdef public Fields upstream_fields
    cdef public Body upstream_content   # and its content
    # $proxy_host, $proxy_port, and the target, of the location's proxy_pass
    cdef public bytes proxy_host
    cdef public bytes proxy_scheme      # b"http" or b"https", of the location's proxy_pass
    cdef public bytes proxy_port
    cdef public bytes proxy_target
    cdef public bytes limit_rate        # octets a second, as nginx writes them; None: no limit
    cdef public bytes limit_rate_after
    cdef public list carried            # (name, value) for the answer in place of its own; None
    cdef public list attempts           # None until the first
    cdef list deferred
    cdef public int replaced_error      # the status whose page this is; 0: none
    cdef public int error_status        # the status that error_page is replacing
    cdef public bint error_page_used    # one replacement a request, unless recursive_error_pages
    cdef public bytes failure           # why it failed, for the log
    cdef public object identity         # $request_id, once somebody asked
    # shared.tally.Tally of the server's status_zone, once counted in
    cdef public object zone
    cdef public object marks            # what one feature found out for others; None at first

    cdef Exchange main(self)            # the client's own request that this one is part of
    cdef bytes host(self)
    cdef bytes request_id(self)         # $request_id: of the main request, for its parts too
    cdef long long request_length(self)
    cdef void finish(self) noexcept
    cpdef int defer_no_more(self, release) except -1
    cdef int carry(self, bytes name, list values) except -1     # to the answer, whoever gives it
    cpdef Response redirect(self, bytes uri, bytes args)
    cpdef Response redirect_to_named(self, bytes name)
    cdef bytes default_type(self)
    cdef int note_attempt(self, Attempt attempt, int status) except -1

# What a step returns when the exchange has to find its location again.
cdef Response REROUTED
