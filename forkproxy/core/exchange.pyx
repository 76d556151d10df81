"""The exchange: one request, one response, and what is known about both.

The vocabulary of every floor above: a head and a body that is read. Features meet here and nowhere
else; what one of them finds out for others is an attribute of the exchange.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy

cimport cython

import uuid

from forkproxy.net.poller cimport poller
from forkproxy.net.dial import local_name
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head cimport RequestHead

from forkproxy.shared.errorlog import NAMES as LEVELS

# What a client or a peer brought along must not end a line of the log, nor speak to a terminal.
cdef dict CONTROLS = {code: f"\\x{code:02X}" for code in (*range(32), *range(127, 160))}

DEF PIECE = 65536
DEF CYCLE = 100         # more redirects than are allowed


cdef class Body:
    """A subclass gives either `read` (in Python) or `read_into` (compiled); the other follows."""

    def __cinit__(self):
        self.length = -1

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        if not self.leftover:
            self.leftover = self.read()
        count = min(room, PyBytes_GET_SIZE(self.leftover))
        memcpy(into, PyBytes_AS_STRING(self.leftover), count)
        self.leftover = self.leftover[count:] if count < PyBytes_GET_SIZE(self.leftover) else None
        return count

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        return 0

    cdef void took(self, Py_ssize_t count) noexcept:
        pass

    cdef bint drained(self, long long count) noexcept:
        return count == self.length

    cdef const char* hold(self, const char* octets, Py_ssize_t count) except NULL:
        return octets

    cdef Body read_on(self):
        return self

    cdef bint cut(self, long long start, long long length) except -1:
        return False

    cpdef bytes read(self):
        cdef bytes piece = PyBytes_FromStringAndSize(NULL, PIECE)
        cdef Py_ssize_t count = self.read_into(PyBytes_AS_STRING(piece), PIECE)
        return piece[:count]

    cpdef void close(self):
        pass


@cython.freelist(64)
cdef class Response:

    def __init__(self, int status, Fields fields=None, Body body=None):
        self.status = status
        self.fields = Fields() if fields is None else fields
        self.body = body
        self.declared_length = -1

    def __repr__(self):
        return f"<Response {self.status}>"


@cython.freelist(64)
cdef class Attempt:

    def __init__(self, bytes address):
        self.address = address
        self.started = poller.now
        self.connect_time = self.header_time = self.response_time = self.idled = -1.0


cdef class Client:

    cdef int continue_request(self) except -1:
        return 0

    cdef int inform(self, int status, Fields fields, NameSet hidden) except -1:
        return 0

    cdef int descriptor(self) noexcept:
        return -1 if self.stream is None else self.stream.fd

    cdef bytes local_address(self):
        self._find_own()
        return self.own_address

    cdef int local_port(self) except -1:
        self._find_own()
        return self.own_port

    cdef int _find_own(self) except -1:
        if self.own_address is None:
            self.own_address, self.own_port = local_name(self.stream)
        return 0


@cython.freelist(64)
cdef class Exchange:

    def __init__(self, RequestHead head not None, Client client):
        self.head = head
        self.client = client
        if client is not None:
            self.address = client.address
            self.port = client.port
        self.method = head.method
        self.started = poller.now
        self.as_sent = True

    cdef Exchange main(self):
        cdef Exchange found = self
        while found.parent is not None:
            found = found.parent
        return found

    cdef bytes host(self):
        """$host: of the request line, else of the Host field, else the server's first name."""
        cdef bytes found = self.head.hostname
        if found is not None:
            return found
        return self.server.name if self.server is not None else b""

    cdef bytes request_id(self):
        cdef Exchange main = self.main()
        if main.identity is None:
            main.identity = uuid.uuid4().hex.encode()
        return main.identity

    cdef long long request_length(self):
        """Octets of head and body, as far as they were read."""
        cdef long long length = self.head.octets
        if self.stored_body is not None:
            length += self.stored_body.length
        elif self.head.content_length > 0:
            length += self.head.content_length
        return length

    cdef int carry(self, bytes name, list values) except -1:
        """Let the answer, also an error_page's, have these fields in place of its own."""
        cdef list kept = [one for one in self.carried or () if one[0] != name]
        self.carried = kept + [(name, value) for value in values]
        return 0

    cpdef Response redirect(self, bytes uri, bytes args):
        """Go to another location inside (X-Accel-Redirect, try_files, index, error_page).

        Return what the step that asked for it has to return.
        """
        self.uri = uri
        self.args = args
        self.as_sent = False
        self.uri_changed = False
        self.uri_kept = False
        self.internal = True
        self.redirects += 1
        self.location = None
        return REROUTED

    cpdef Response redirect_to_named(self, bytes name):
        """Go to a named location: the URI stays. Return as `redirect` does."""
        self.location = self.server.named.get(name)
        self.redirects += 1
        self.internal = True
        self.uri_changed = False
        if self.location is None:
            self.report("error", f'could not find named location "{_shown(name)}"')
            self.redirects = CYCLE
        return REROUTED

    cdef int note_attempt(self, Attempt attempt, int status) except -1:
        """Record an attempt that reached nobody."""
        attempt.status = status
        attempt.response_time = 0.0
        if self.attempts is None:
            self.attempts = [attempt]
        else:
            self.attempts.append(attempt)
        return 0

    def keep_match(self, match, captures):
        """Let $1 and the named groups of a match be what the next expressions see."""
        self.captures = match
        for name, slot in captures:
            slot.set(self, match.group(name) or b"")

    def report(self, str level not None, str text not None):
        """Write a line about this exchange to its location's error log, in nginx's form."""
        cdef list parts
        location = self.location if self.location is not None else self.server.default
        log = location.settings.error_log
        number = LEVELS[level]
        if not log.wants(number):
            return
        parts = [text, f"client: {_shown(self.address)}"]
        if self.server is not None:
            parts.append(f"server: {_shown(self.server.name)}")
        if self.head.request_line:
            parts.append(f'request: "{_shown(self.head.request_line)}"')
        if self.parent is not None:
            parts.append(f'subrequest: "{_shown(self.uri)}"')
        if self.proxy_target is not None and self.attempts:
            address = _shown((<Attempt> self.attempts[len(self.attempts) - 1]).address)
            scheme = _shown(self.proxy_scheme or b"http")
            parts.append(f'upstream: "{scheme}://{address}{_shown(self.proxy_target)}"')
        if self.head.host:
            parts.append(f'host: "{_shown(self.head.host)}"')
        if location.settings.explains_errors:
            parts.append(f'id: "{_shown(self.request_id())}"')      # what the client is shown
        log.write(number, ", ".join(parts).translate(CONTROLS), self.client.number)

    def report_bug(self, error):
        """Write what should never happen, with its traceback."""
        self.report("alert", f"unhandled {error!r}")
        location = self.location if self.location is not None else self.server.default
        location.settings.error_log.bug("unhandled", error)

    def defer(self, release):
        """Call `release()` when the exchange ends, however it ends; the last deferred is first."""
        if self.deferred is None:
            self.deferred = []
        self.deferred.append(release)

    cpdef int defer_no_more(self, release) except -1:
        """Take a deferred release back: what it releases outlives the exchange."""
        if self.deferred is None:
            return 0
        if self.deferred and self.deferred[len(self.deferred) - 1] == release:
            self.deferred.pop()
        elif release in self.deferred:
            self.deferred.remove(release)
        return 0

    cdef bytes default_type(self):
        """The media type of content that has none: by the path's extension, else the default."""
        location = self.location if self.location is not None else self.server.default
        cdef bytes name = self.uri[self.uri.rfind(b"/") + 1:] if self.uri is not None else b""
        cdef Py_ssize_t dot = name.rfind(b".")
        if dot > 0:
            found = location.settings.types.get(name[dot + 1:].lower())
            if found is not None:
                return <bytes> found
        return location.settings.default_type

    cdef void finish(self) noexcept:
        if self.deferred is None:
            return
        while self.deferred:
            try:
                self.deferred.pop()()
            except Exception as error:
                poller.report("unhandled at the end of an exchange", error)


cdef Response REROUTED = Response(0)


def _shown(bytes text not None):
    """Octets of a client or a peer, fit for a line of a log."""
    return text.decode("utf-8", "backslashreplace")
