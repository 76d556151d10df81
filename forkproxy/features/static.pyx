"""Files: root, alias, index, and the handler that answers with them where nothing else does."""

import errno
import os

from cpython.bytes cimport PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Variable
from forkproxy.core.faults cimport fault, moved
from forkproxy.core.plan cimport Handler, Location, Settings
from forkproxy.features.open_files cimport (
    FOLDER, MISSING, Kind, OpenFile, kind_of, kind_of_file, look, open_files, opened,
)
from forkproxy.wire.target cimport escape_path

from forkproxy.features.autoindex import listing
from forkproxy.features.disable_symlinks import links
from forkproxy.features.random_index import any_file
from forkproxy.wire.dates import http_date

DEF MOST_DATES = 1024

cdef frozenset NOT_THERE = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG))


cdef class Root:

    cdef bytes path_of(self, Exchange exchange):
        """$request_filename."""
        cdef bytes folder = self.folder.evaluate(exchange)
        if not self.alias:
            return folder + exchange.uri
        if self.location.pattern is not None:
            # It is built of the pattern's captures, unless try_files has found something below it.
            return folder if self.below is None else folder + (self.below.value(exchange) or b"")
        return folder + exchange.uri[len(self.location.path):]

    cdef OpenFile find(self, Exchange exchange, bytes path):
        if self.links is None:
            return look(self.cache, path)
        return self._opened(exchange, path, os.O_RDONLY | os.O_NONBLOCK)

    cdef Kind kind(self, Exchange exchange, bytes path, int* failed):
        cdef OpenFile found
        if self.links is None:
            return kind_of(self.cache, path, failed)
        found = self._opened(exchange, path, os.O_PATH)
        failed[0] = found.failed
        return kind_of_file(found)

    cdef OpenFile _opened(self, Exchange exchange, bytes path, int flags):
        """Without the cache: who looks at links wants to know what is so now."""
        cdef OpenFile made
        try:
            return opened(self.links.open(exchange, path, flags))
        except OSError as error:
            made = OpenFile.__new__(OpenFile)
            made.failed = error.errno
            return made


cdef class Static(Handler):

    cdef bint harmless(self) noexcept:
        return True

    cdef Response answer(self, Exchange exchange):
        cdef Location location = <Location> exchange.location
        cdef Root root = <Root> location.root
        cdef bytes path
        if exchange.uri.endswith(b"/"):
            return self._index(exchange, root)
        if exchange.method not in (b"GET", b"HEAD", b"POST"):
            return fault(exchange, 405)
        path = root.path_of(exchange)
        return _file(exchange, location.settings, root, path)

    cdef Response _index(self, Exchange exchange, Root root):
        """The first index file that is there takes the exchange over, by an internal redirect."""
        cdef bytes folder, name
        cdef int failed, kind
        if exchange.method not in (b"GET", b"HEAD", b"POST"):
            return fault(exchange, 405)
        folder = root.path_of(exchange)
        if self.any_file:
            name = self._any(folder)
            if name is not None:
                return exchange.redirect(exchange.uri + name, exchange.args)
        for expression in self.indexes:
            name = (<Expression> expression).evaluate(exchange)
            if name.startswith(b"/"):
                return exchange.redirect(name, exchange.args)
            kind = root.kind(exchange, folder + name, &failed)
            if kind == MISSING and failed not in NOT_THERE:
                return _failed(exchange, folder + name, OSError(failed, os.strerror(failed)))
            if kind != MISSING and kind != FOLDER:
                return exchange.redirect(exchange.uri + name, exchange.args)
        if root.kind(exchange, folder, &failed) == FOLDER:
            if self.listing is not None and exchange.method != b"POST":
                return _listed(exchange, self.listing, folder)
            exchange.report("error", f'directory index of "{os.fsdecode(folder)}" is forbidden')
            return fault(exchange, 403)
        if (<Location> exchange.location).settings.log_not_found:
            shown = os.fsdecode(folder)
            exchange.report("error", f'"{shown}" is not found (2: No such file or directory)')
        return fault(exchange, 404)

    cdef bytes _any(self, bytes folder):
        """The name of one of a folder's files; what is wrong with the folder is said later."""
        try:
            return any_file(folder)
        except (OSError, ValueError):
            return None


cdef Response _listed(Exchange exchange, listing, bytes folder):
    try:
        return <Response?> listing(exchange, folder)
    except OSError as error:
        return _failed(exchange, folder, error)


cdef Response _file(Exchange exchange, Settings settings, Root root, bytes path):
    cdef OpenFile found
    if b"\0" in path:
        return fault(exchange, 404)
    found = root.find(exchange, path)
    if found.failed:
        return _failed(exchange, path, OSError(found.failed, os.strerror(found.failed)))
    if found.folder:
        return _with_slash(exchange)
    if not found.regular:
        exchange.report("crit", f'"{os.fsdecode(path)}" is not a regular file')
        return fault(exchange, 404)
    if exchange.method == b"POST":
        # Of a file that is not there the client is told so, as by nginx
        return fault(exchange, 405)
    return whole(settings, path, found)


cdef Response whole(Settings settings, bytes path, OpenFile file):
    """The file as a whole: ranges and conditions are for the filters."""
    cdef Response response = Response(200, None, file.body())
    if file.described_for is not settings or file.described_as != path:
        file.described_for = settings
        file.described_as = path
        file.fields = _described(settings, path, file.size, file.modified)
    response.fields.added = file.fields[:] if file.kept else file.fields
    response.allow_ranges = True
    return response


cdef list _described(Settings settings, bytes path, long long size, long long modified):
    cdef list fields = [(b"Content-Type", media_type(settings, path)),
                        (b"Last-Modified", _date(modified))]
    if settings.etag:
        fields.append((b"ETag", b'"%x-%x"' % (modified, size)))
    return fields


cdef dict dates = {}        # of files, as Last-Modified shows them: the same few over and over


cdef bytes _date(long long seconds):
    found = dates.get(seconds)
    if found is None:
        if len(dates) >= MOST_DATES:
            dates.clear()
        found = dates[seconds] = http_date(seconds)
    return <bytes> found


cdef bytes media_type(Settings settings, bytes path):
    """The type that the last extension of a file's name stands for."""
    cdef bytes name = path[path.rfind(b"/") + 1:]
    cdef Py_ssize_t dot = name.rfind(b".")
    if dot > 0 and dot + 1 < PyBytes_GET_SIZE(name):
        found = settings.types.get(name[dot + 1:].lower())
        if found is not None:
            return <bytes> found
    return settings.default_type


cdef Response _with_slash(Exchange exchange):
    cdef bytes where = escape_path(exchange.uri) + b"/"
    if exchange.args is not None:
        where += b"?" + exchange.args
    return moved(exchange, 301, where)


cdef Response _failed(Exchange exchange, bytes path, object error):
    """nginx's statuses for what open() says."""
    cdef int status = 500
    if error.errno in NOT_THERE:
        status = 404
    elif error.errno in (errno.EACCES, errno.EPERM, errno.ELOOP):
        status = 403
    if status != 404 or (<Location> exchange.location).settings.log_not_found:
        reason = f"{error.errno}: {error.strerror}"
        exchange.report("error", f'open() "{os.fsdecode(path)}" failed ({reason})')
    return fault(exchange, status)


cdef class RequestFilename(Variable):
    """$request_filename."""

    cdef bytes value(self, Exchange exchange):
        if exchange.location is None or (<Location> exchange.location).root is None:
            return None
        return (<Root> (<Location> exchange.location).root).path_of(exchange)


cdef class DocumentRoot(Variable):
    """$document_root, and $realpath_root with symbolic links resolved."""

    cdef bint real

    cdef bytes value(self, Exchange exchange):
        cdef bytes folder
        if exchange.location is None or (<Location> exchange.location).root is None:
            return None
        folder = (<Root> (<Location> exchange.location).root).folder.evaluate(exchange)
        return os.path.realpath(folder) if self.real else folder


def define(making):
    """Define the variables of files, before anything is compiled that may use them."""
    cdef DocumentRoot real = DocumentRoot("realpath_root")
    real.real = True
    making.slots["request_filename"] = RequestFilename("request_filename")
    making.slots["document_root"] = DocumentRoot("document_root")
    making.slots["realpath_root"] = real


def install(scope, Location location not None, making):
    """Give a location its root, and the handler of files where it has no other."""
    cdef Root root = Root.__new__(Root)
    cdef Static made
    given = scope.nearest("alias", "root")
    root.alias = given is not None and given.name == "alias"
    root.folder = making.expression(given.value if given is not None else (making.default_root,))
    root.location = location
    root.cache = open_files(scope, making)
    root.links = links(scope, making)
    if root.alias:
        # Files are named by what the location with the alias has matched, also in its `if` blocks.
        root.location = making.locations.get(given.level, location)
    if root.alias and root.location.pattern is not None and scope.own("try_files"):
        root.below = making.slot("try_files_below")
    location.root = root
    if location.content is None:
        made = Static.__new__(Static)
        indexes = scope.lines("index")
        names = [name for line in indexes for name in line.value] or [("index.html",)]
        made.indexes = tuple(making.expression(name) for name in names)
        made.listing = listing(scope)
        # A directive of locations alone, but also what is no location has files.
        made.any_file = scope.kind == "location" and scope.value("random_index")
        location.content = made
