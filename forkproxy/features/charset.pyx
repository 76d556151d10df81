"""charset: the name of a character set in Content-Type, and content written anew in that set.

Without source_charset, and where the content does not say its own set, only the name is added. A
subrequest's answer is written in the set of the answer that it becomes a part of.
"""

from forkproxy.core.content cimport Recoded, content_changes, has_type
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Filter, Location
from forkproxy.wire.fields cimport one_line
from forkproxy.wire.names cimport CONTENT_ENCODING, CONTENT_TYPE, X_ACCEL_CHARSET

from forkproxy.config.template import constant
from forkproxy.features.charset_tables import Charsets


cdef class Charset(Filter):

    cdef Expression name        # None: none is added
    cdef Expression source      # what content is in that does not say it; None: not asked
    cdef object types           # media types; None: all
    cdef bint override
    cdef bint obeys             # X-Accel-Charset
    cdef object charsets        # features.charset_tables.Charsets

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bytes given = response.fields.known_value(CONTENT_TYPE)
        cdef bytes media, written, name
        if given is None:
            return 0
        media, written = split_type(given)
        if exchange.parent is not None:
            name = _of_main(exchange)
        else:
            name = self._wanted(exchange, response, media, written)
        if not name:
            return 0
        if written is None and self.source is not None:
            written = self.source.evaluate(exchange) or None
        if written is not None and written.lower() != name.lower():
            if response.fields.known_value(CONTENT_ENCODING):
                return 0
            if not self._convert(exchange, response, written, name):
                return 0
        if exchange.parent is not None:
            return 0
        if response.status not in (301, 302):       # no page of this set: it is a redirect
            media += b"; charset=" + one_line(name)
        return response.fields.set(b"Content-Type", media)

    cdef bytes _wanted(self, Exchange exchange, Response response, bytes media, bytes written):
        """The set that the answer is to be in; None: it stays as it is."""
        cdef bytes said
        if self.obeys and response.from_upstream:
            said = response.fields.known_value(X_ACCEL_CHARSET)
            if said:
                if said.decode("latin-1").lower() in self.charsets.names:
                    return said
                exchange.report("error", 'unknown charset "%s" to override'
                                % said.decode("latin-1"))
                return None
        if self.name is None:
            return None
        if written is not None:
            if not self.override:
                return None
        elif not has_type(response, self.types):
            return None
        return self.name.evaluate(exchange)

    cdef bint _convert(self, Exchange exchange, Response response, bytes source,
                       bytes target) except -1:
        cdef Converted body = None
        conversion = self.charsets.between(source.lower(), target.lower())
        if conversion is None:
            exchange.report("error", 'no "charset_map" between the charsets "%s" and "%s"'
                            % (source.decode("latin-1"), target.decode("latin-1")))
            return False
        if response.body is not None:
            body = Converted(response.body)
            body.convert = conversion.begin()
            body.keeps_length = conversion.keeps_length
        if not conversion.keeps_length:
            content_changes(response, body)
        elif body is not None:
            body.length = response.body.length
            response.body = body
        return True


cdef class Converted(Recoded):
    """A body in another set."""

    cdef object convert         # features.charset_tables.Convert
    cdef bint keeps_length

    cdef bytes turn(self, bytes piece):
        self.over = not piece or self.was_last()
        return self.convert(piece, self.over)

    cdef bint cut(self, long long start, long long length) except -1:
        if not self.keeps_length or not self.inner.cut(start, length):
            return False
        self.length = length
        self.over = self.pending = False        # of several ranges, it begins anew for each
        self.taken = self.used = 0
        self.out = b""
        return True


cdef tuple split_type(bytes given):
    """A Content-Type without its charset, and that, None where it has none."""
    cdef list kept = []
    cdef bytes part, found = None
    if b";" not in given:
        return given, None
    for part in given.split(b";"):
        if found is None and part.strip()[:8].lower() == b"charset=":
            found = part.strip()[8:].strip(b'"')
        else:
            kept.append(part)
    return b";".join(kept).rstrip(), found


cdef bytes _of_main(Exchange exchange):
    """The set of the answer that a subrequest's becomes a part of."""
    cdef Exchange main = exchange.main()
    cdef bytes given
    if main.response is None:
        return None
    given = main.response.fields.known_value(CONTENT_TYPE)
    return None if given is None else split_type(given)[1]


def define(http, making):
    """Read the tables, and which names there are, once for all locations."""
    maps = [line.value for line in http.own("charset_map")]
    names = {name for one in maps for name in (one.source, one.target)}
    making.charsets = Charsets(maps, names | _names(http))


def _names(scope):
    given = [line.value for word in ("charset", "source_charset") for line in scope.own(word)]
    found = {constant(name).lower() for name in given if name is not None and constant(name)}
    for block in scope.blocks():
        found |= _names(block)
    return found


def install(scope, Location location not None, making):
    """Hang the filter on a location whose answers may have a set named, or written anew."""
    cdef Charset made
    name, source = scope.value("charset"), scope.value("source_charset")
    obeys = bool(making.charsets.names) and (
        "X-Accel-Charset" not in scope.value("proxy_ignore_headers"))
    if name is None and source is None and not (obeys and scope.own("proxy_pass")):
        return
    made = Charset.__new__(Charset)
    made.inside = True
    made.name = None if name is None else making.expression(name)
    made.source = None if source is None else making.expression(source)
    types = scope.value("charset_types")
    made.types = None if "*" in types else frozenset(one.encode() for one in types)
    made.override = scope.value("override_charset")
    made.obeys = obeys
    made.charsets = making.charsets
    location.filters = location.filters + (made,)
