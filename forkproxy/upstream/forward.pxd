from forkproxy.core.exchange cimport Attempt, Body, Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Origin
from forkproxy.net.dial cimport Address
from forkproxy.net.stream cimport Stream
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.budget cimport Budget
from forkproxy.upstream.hints cimport Hints
from forkproxy.upstream.introduction cimport Introduction
from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.pump cimport Pump
from forkproxy.upstream.secure cimport Secure
from forkproxy.upstream.upstream cimport Upstream
from forkproxy.wire.head cimport ResponseHead
from forkproxy.wire.names cimport NameSet
from forkproxy.wire.writer cimport Writer

cdef class Forward(Origin):
    """What proxy_pass and the proxy_* directives of one location say."""

    cdef public str family              # what its directives begin with: "proxy", "fastcgi", …
    cdef public Upstream upstream       # None: `url` is evaluated for each request
    cdef public Expression url
    cdef public object upstream_for     # (host, port, exchange) -> Upstream, for such a request
    cdef public bytes scheme            # b"http", b"https"; b"": `url` says it
    cdef public Secure secure           # TLS, for https; None: it is never asked for
    cdef public bytes host              # $proxy_host
    cdef public bytes port              # $proxy_port
    cdef public bytes uri  # what the location's part of the path becomes; None: path as it was sent
    cdef public Py_ssize_t replaced     # octets of the path that `uri` stands for
    cdef public tuple lines             # (b"Name: ", Expression): proxy_set_header and its defaults
    cdef public NameSet unsent          # fields of the client that are not passed on
    cdef public tuple cache_lines       # both once more, for what is to be stored
    cdef public NameSet cache_unsent
    cdef public bint pass_fields
    cdef public bint pass_body
    cdef public Expression method       # proxy_method
    cdef public Expression body         # proxy_set_body
    cdef public int minor               # proxy_http_version
    cdef public double connect_timeout
    cdef public double send_timeout
    cdef public double read_timeout
    cdef public bint keep_probes        # proxy_socket_keepalive
    cdef public bint request_buffering
    cdef public bint sized              # the peer has to be told before how long a body is
    cdef public bint buffering
    cdef public Py_ssize_t buffer_size
    cdef public Py_ssize_t read_ahead   # octets in memory while the client is slow
    cdef public long long temp_file_size
    cdef public str temp_path
    cdef public bint ignore_client_abort
    cdef public bint intercept_errors
    cdef public Expression limit_rate   # octets a second that are read of an answer; None: no limit
    cdef public Introduction introduction   # None: connections begin with a request
    cdef public Expression bind         # where connections come from; None: the kernel's choice
    cdef public bint pass_trailers
    cdef public bint force_ranges
    cdef public int next_upstream       # Failures
    cdef public int tries               # 0: no limit
    cdef public double next_timeout     # 0.0: no limit
    cdef public Budget budget           # None: no limit
    cdef public NameSet hidden          # fields of the upstream that are not passed on
    cdef public Hints hints             # early_hints; None: they are not passed on
    cdef public bint pass_date
    cdef public bint pass_server
    cdef public object redirects        # (Exchange, Fields): rewrites Location and Refresh; None
    cdef public object cookies          # (Exchange, Fields): rewrites Set-Cookie; None
    cdef public bint obeys_buffering    # X-Accel-Buffering is not among proxy_ignore_headers
    cdef public bint streams_events     # text/event-stream is passed on unbuffered
    cdef public bint encodes            # what variables make of a URL is encoded again (D1)
    cdef public bint obeys_limit_rate   # X-Accel-Limit-Rate likewise
    cdef public bint obeys_redirect     # X-Accel-Redirect likewise

    cdef Upstream _aimed(self, Exchange exchange)
    cdef Upstream _chosen(self, Exchange exchange)
    cdef object _parts(self, Exchange exchange)
    cdef Response _attempts(self, Exchange exchange, Upstream upstream)
    cdef bint _affordable(self) noexcept
    cdef Response _taken(self, Exchange exchange, Upstream upstream, Peer peer, Response response)
    cdef Peer _picked(self, Exchange exchange, Upstream upstream, list tried)
    cdef Peer _queued(self, Exchange exchange, Upstream upstream)
    cdef Answer _answer(self)
    cdef Connection _dial(self, Exchange exchange, Upstream upstream, Peer peer, tuple identity,
                          bytes header)
    cdef Address _local(self, Exchange exchange)
    cdef Py_ssize_t _put_request(self, Exchange exchange, Writer to, bytes inline,
                                 Body body) except -1
    cdef Pump _pump(self)
    cdef Response _attempt(self, Exchange exchange, Upstream upstream, Peer peer, Attempt attempt,
                           bint fresh)
