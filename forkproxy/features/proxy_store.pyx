"""proxy_store: what an upstream answers becomes a file, as it is sent to the client.

    root /data/www;  error_page 404 = @fetch;
    location @fetch { proxy_pass http://origin; proxy_store on; }

Only a whole 200 to a GET is kept. The file is written beside, and gets its name when it is whole;
nothing ever looks whether it is still what the upstream would answer.
"""

import os
import shutil
import tempfile

from cpython.bytes cimport PyBytes_FromStringAndSize

from forkproxy.core.content cimport Wrapped
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Handler, Location, Origin
from forkproxy.features.static cimport Root
from forkproxy.wire.names cimport LAST_MODIFIED

from forkproxy.config.directives.gateways import SUFFIXES, view
from forkproxy.wire.dates import parse_http_date


cdef class Storing(Handler):
    """Around the handler that asks the upstream."""

    cdef Origin origin
    cdef Expression path        # None: of the location's root and the request's URI
    cdef str temp_path
    cdef int access             # of files

    cpdef object preview(self, Exchange exchange):
        return self.origin.preview(exchange)

    cdef Response answer(self, Exchange exchange):
        cdef Response response = self.origin.ask(exchange)
        if response.from_upstream:
            if response.status == 200 and response.body is not None and exchange.method == b"GET":
                self._keep(exchange, response)
            self.origin.dress(exchange, response)
        return self.origin.finish(exchange, response)

    cdef int _keep(self, Exchange exchange, Response response) except -1:
        cdef Kept body
        cdef bytes path
        if self.path is None:
            path = (<Root> (<Location> exchange.location).root).path_of(exchange)
        else:
            path = self.path.evaluate(exchange)
        if not path or path.endswith(b"/") or b"\0" in path or b".." in path.split(b"/"):
            return 0
        body = Kept(response.body)
        body.length = response.body.length
        body.exchange = exchange
        body.path = path
        body.access = self.access
        body.modified = -1
        modified = response.fields.known_value(LAST_MODIFIED)
        if modified is not None:
            body.modified = parse_http_date(modified)
        body.begin(self.temp_path)
        response.body = body
        return 0


cdef class Kept(Wrapped):
    """A body that is written to a file while it is read."""

    cdef Exchange exchange
    cdef bytes path             # what the file is called once it is whole
    cdef int access
    cdef long long modified     # seconds; -1: unknown
    cdef object file            # None: nothing is written any more
    cdef long long written
    cdef Py_ssize_t ahead       # octets that are written and still at hand

    cdef int begin(self, str folder) except -1:
        try:
            self.file = tempfile.NamedTemporaryFile(dir=folder, delete=False, buffering=0)
        except OSError as error:
            self._complain(error)
            return 0
        self._look_for_end()
        return 0

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        cdef Py_ssize_t count = self.inner.at_hand(octets)
        if count > self.ahead:
            self._write(octets[0] + self.ahead, count - self.ahead)
            self.ahead = count
        return count

    cdef void took(self, Py_ssize_t count) noexcept:
        self.inner.took(count)
        self.ahead -= count

    cdef const char* hold(self, const char* octets, Py_ssize_t count) except NULL:
        return self.inner.hold(octets, count)

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count = self.inner.read_into(into, room)
        cdef Py_ssize_t known = min(count, self.ahead)
        self.ahead -= known
        if count > known:
            self._write(into + known, count - known)
        if count == 0:
            self.trailers = self.inner.trailers
            if self.length < 0:
                self._complete()
        return count

    cdef Body read_on(self):
        self.inner = self.inner.read_on()
        return self

    cpdef void close(self):
        self._discard()
        self.inner.close()

    cdef int _write(self, const char* octets, Py_ssize_t count) except -1:
        if self.file is None:
            return 0
        try:
            self.file.write(PyBytes_FromStringAndSize(octets, count))
        except OSError as error:
            self._complain(error)
            self._discard()
            return 0
        self.written += count
        return self._look_for_end()

    cdef int _look_for_end(self) except -1:
        if self.written == self.length:
            self._complete()
        return 0

    cdef int _complete(self) except -1:
        """Give the file its name; it stays nobody's if that fails."""
        if self.file is None:
            return 0
        try:
            os.fchmod(self.file.fileno(), self.access)
            if self.modified >= 0:
                os.utime(self.file.fileno(), (self.modified, self.modified))
            _rename(self.file.name, os.fsdecode(self.path), self.access)
        except OSError as error:
            self._complain(error)
            self._discard()
            return 0
        self.file.close()
        self.file = None
        return 0

    cdef void _discard(self) noexcept:
        if self.file is None:
            return
        file, self.file = self.file, None
        try:
            file.close()
            os.unlink(file.name)
        except OSError:
            pass            # it has no name that anybody would look for

    cdef int _complain(self, error) except -1:
        self.exchange.report("crit", f'"{os.fsdecode(self.path)}" is not stored ({error})')
        return 0


def _rename(temporary, path, access):
    """Move a file to its place, whose folders are made, also on another file system."""
    folder = os.path.dirname(path)
    if folder:
        # Who may read the file may enter its folders.
        os.makedirs(folder, mode=access | 0o700 | (access & 0o444) >> 2, exist_ok=True)
    try:
        os.rename(temporary, path)
    except OSError:
        beside = f"{path}.{os.path.basename(temporary)}"
        try:
            shutil.copy2(temporary, beside)
            os.rename(beside, path)
        except OSError:
            if os.path.exists(beside):
                os.unlink(beside)
            raise
        os.unlink(temporary)


def install(scope, Location location not None, making):
    """Let what a location's upstream answers become files, where its scope says so."""
    cdef Storing made
    family = getattr(location.content, "family", "")
    if family in SUFFIXES:
        scope = view(scope, family)
    line = scope.given("proxy_store")
    if line is None or line.value is None or not isinstance(location.content, Origin):
        return
    cached = scope.given("proxy_cache")
    if cached is not None and cached.value.name is not None and _inside(cached.level, line.level):
        return
    made = Storing.__new__(Storing)
    made.origin = location.content
    made.path = None if line.value.path is None else making.expression(line.value.path)
    made.temp_path = making.temp_path(scope.value("proxy_temp_path"), "proxy_temp")
    made.access = scope.value("proxy_store_access")
    location.content = made


def _inside(level, outer):
    """Whether a level is within another: what it says counts more."""
    return level is not outer and any(one is outer for one in level.levels())
