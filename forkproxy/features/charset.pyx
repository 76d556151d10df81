"""charset: the name of a character set is added to Content-Type. The content stays as it is."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Filter, Location
from forkproxy.wire.fields cimport CONTENT_ENCODING, CONTENT_TYPE, one_line


cdef class Charset(Filter):

    cdef Expression name
    cdef object types           # media types; None: all
    cdef bint override

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bytes given = response.fields.known_value(CONTENT_TYPE)
        cdef bytes media, name
        cdef list kept
        if given is None or response.status in (301, 302):
            return 0
        if response.fields.known_value(CONTENT_ENCODING):
            return 0
        media = given.partition(b";")[0].strip().lower()
        if self.types is not None and media not in self.types:
            return 0
        kept = [part for part in given.split(b";")
                if not (<bytes> part).strip().lower().startswith(b"charset=")]
        if len(kept) <= given.count(b";") and not self.override:
            return 0
        name = self.name.evaluate(exchange)
        if not name:
            return 0
        return response.fields.set(
            b"Content-Type", b";".join(kept).rstrip() + b"; charset=" + one_line(name))


def install(scope, Location location not None, making):
    """Hang the name on a location's answers, where its scope gives one."""
    cdef Charset made
    given = scope.value("charset")
    if given is None:
        return
    made = Charset.__new__(Charset)
    made.name = making.expression(given)
    types = scope.value("charset_types")
    made.types = None if "*" in types else frozenset(one.encode() for one in types)
    made.override = scope.value("override_charset")
    location.filters = location.filters + (made,)
