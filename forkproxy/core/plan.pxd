from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Slot
from forkproxy.wire.head_limits cimport HeadLimits
from forkproxy.wire.names cimport NameSet


cdef class Step:
    """A check of one phase: None to go on, a Response to end the phases with it."""

    cdef Response run(self, Exchange exchange)      # Waits.
    cdef bint harmless(self) noexcept   # it asks nobody and leaves no trace: `explain` may run it


cdef class Guard(Step):
    """A check of the access phase, which `satisfy any` may ask for one good word."""

    # None: no opinion; PASSED: may come in; else the refusal. Waits.
    cdef Response judge(self, Exchange exchange)


cdef Response PASSED


cdef class Handler:
    """The content phase of a location: exactly one answers."""

    cdef Response answer(self, Exchange exchange)   # Waits.
    cdef bint harmless(self) noexcept               # as a Step's
    cpdef object preview(self, Exchange exchange)   # what it would ask for, as data; None: nothing


cdef class Origin(Handler):
    """A handler that gets its answer from elsewhere, in steps that what wraps it takes apart."""

    # Let the exchange know whom `ask` would ask: $proxy_host and its kin.
    cdef int announce(self, Exchange exchange) except -1
    cdef Response ask(self, Exchange exchange)      # the answer as it came, or a fault. Waits.
    # What the location says of an origin's answer: fields hidden, redirects rewritten.
    cdef int dress(self, Exchange exchange, Response response) except -1
    # Last: the answer may send the exchange elsewhere, or be replaced by one of our own.
    cdef Response finish(self, Exchange exchange, Response response)


cdef class Filter:
    """What any response passes on its way to the client."""

    cdef public bint inside             # subrequests' answers pass it too

    cdef int shape(self, Exchange exchange, Response response) except -1


cdef class LogStep:
    """What happens when the last octet is out, or the attempt to send it failed."""

    cdef int log(self, Exchange exchange) except -1


cdef class Replacement:
    """What error_page says of one status: another answer in place of our own."""

    cdef Response replace(self, Exchange exchange, Response response)    # Waits.


cdef class Settings:
    """The core directives of a location, after inheritance; in seconds and octets."""

    cdef public long long client_max_body_size      # 0: no limit
    cdef public Py_ssize_t client_body_buffer_size
    cdef public double client_body_timeout
    cdef public long long client_body_min_rate      # octets a second; 0: none
    cdef public str client_body_temp_path
    cdef public int client_body_in_file             # core.bodies.Keep: client_body_in_file_only
    cdef public double send_timeout
    cdef public long long send_min_rate     # likewise
    cdef public double keepalive_timeout
    cdef public bytes keepalive_header              # "timeout=N", None where it is not sent
    cdef public long long keepalive_requests
    cdef public double keepalive_time
    cdef public bint lingering_close
    cdef public double lingering_time
    cdef public double lingering_timeout
    cdef public bint tcp_nodelay
    cdef public Py_ssize_t http2_chunk      # octets of a DATA frame
    cdef public bint reset_timedout_connection
    cdef public bint absolute_redirect
    cdef public bint server_name_in_redirect
    cdef public bint port_in_redirect
    cdef public bytes server_header                 # the Server line's value
    cdef public bint server_tokens                  # the version, also in error pages
    cdef public bint explains_errors                # forkproxy_error_pages modern
    cdef public bint chunked
    cdef public bint sendfile
    cdef public bint etag
    cdef public bint log_not_found
    cdef public bint log_subrequest
    cdef public dict types                          # extension to media type
    cdef public bytes default_type
    cdef public object error_log                    # shared.errorlog.ErrorLog


cdef class Location:
    """What happens to requests of one location block: its phases as flat tuples."""

    cdef readonly str name              # as in the configuration: "/", "~ \\.php$", "@fallback"
    cdef readonly bytes path            # of a prefix or exact location
    cdef public Settings settings
    cdef public bint internal
    cdef public bint stops_regex        # ^~
    cdef public bint adds_slash         # "/x" is redirected to this location "/x/"
    cdef public object pattern          # of a regex location
    cdef public Location excepted       # of limit_except: in its place for other methods; None
    cdef public frozenset methods       # those that limit_except names
    cdef public object referers         # features.referer.Referers; None
    cdef public object root             # features.static.Root
    cdef public tuple captures          # Slots of its named groups, in pairs with their names
    cdef public tuple rewrite           # Steps
    cdef public tuple preaccess
    cdef public tuple access
    cdef public tuple precontent
    cdef public Handler content
    cdef public tuple filters           # Filters
    cdef public tuple log               # LogSteps
    cdef public dict error_pages        # status to Replacement; None where there are none
    cdef public bint recursive_error_pages
    cdef public object inner  # router.Locations of the nested ones, None where there are none
    cdef public str at                  # file:line of the block


cdef class Server:
    """A virtual server."""

    cdef readonly bytes name            # the first server_name, b"" where it has none
    cdef public HeadLimits limits
    cdef public double client_header_timeout
    cdef public bint merge_slashes
    cdef public bint http2              # it speaks HTTP/2 to clients
    cdef public int http2_streams       # that a connection may have at a time
    cdef public Py_ssize_t http2_preread    # octets of a body that come before it is asked for
    cdef public object tls              # net.tls_context.TlsContext; None: it has none of its own
    # 0: no certificates of clients; 1 on, 2 optional, 3 optional_no_ca
    cdef public int verify_client
    cdef public tuple rewrite           # Steps of the server's own rewrite code
    cdef public object locations        # router.Locations
    cdef public dict named              # b"@x" to Location
    cdef public Location default        # the server's own level: answers where no location fits
    cdef public str at


# Take an exchange through its phases, up to a response ready to be written. Waits.
# `refusal`: of a request that could not even be read; its error page, where there is one, answers.
cdef Response answer(Exchange exchange, Response refusal=*)
