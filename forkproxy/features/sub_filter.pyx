"""sub_filter: texts in answers are replaced while these are sent, in whatever pieces they come.

Of texts that begin at one place the first of the configuration counts. Only octets that may be the
beginning of a text wait for what comes behind them.
"""

import re

from cpython.bytes cimport PyBytes_GET_SIZE

from forkproxy.core.content cimport Recoded, content_changes, forget_validators, has_type
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Filter, Location
from forkproxy.wire.names cimport CONTENT_ENCODING

DEF MOST_KEPT = 256         # compiled searches; those with variables come and go

cdef dict searches = {}


cdef class SubFilter(Filter):

    cdef tuple pairs            # (Expression to look for, Expression in its place)
    cdef object types           # media types; None: all
    cdef bint once
    cdef bint keep_validators

    def __init__(self):
        self.inside = True

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef Replaced body = None
        if response.status == 101 or response.fields.known_value(CONTENT_ENCODING):
            return 0
        if response.body is None and exchange.method != b"HEAD":
            return 0
        if (response.declared_length if response.body is None else response.body.length) == 0:
            return 0
        if not has_type(response, self.types):
            return 0
        if response.body is not None:
            body = Replaced(response.body)
            body.exchange = exchange
            body.once = self.once
            body.begin(self.pairs)
        content_changes(response, body)
        if not self.keep_validators:
            forget_validators(response)
        return 0


cdef class Replaced(Recoded):
    """A body with other texts in it."""

    cdef Exchange exchange
    cdef bint once
    cdef dict texts             # lower-case text to the Expression in its place, in order
    cdef object search          # a pattern of all these; None: nothing is left to replace
    cdef Py_ssize_t longest
    cdef bytes held             # read, and may be the beginning of a text

    cdef int begin(self, tuple pairs) except -1:
        cdef bytes text
        self.held = b""
        self.texts = {}
        for look_for, put in pairs:
            text = (<Expression> look_for).evaluate(self.exchange).lower()
            if text:
                self.texts.setdefault(text, put)
        return self._look()

    cdef int _look(self) except -1:
        self.longest = max(map(len, self.texts), default=0)
        self.search = _search(tuple(self.texts)) if self.texts else None
        return 0

    cdef bytes turn(self, bytes piece):
        cdef bytes text = self.held + (piece or b"")
        cdef list out = []
        cdef Py_ssize_t at = 0, known, start
        cdef bytes found
        self.over = not piece or self.was_last()
        while True:
            known = PyBytes_GET_SIZE(text) if self.over else self._known(text, at)
            match = None if self.search is None else self.search.search(text, at)
            if match is None or match.start() >= known:
                out.append(text[at:known])
                self.held = text[known:]
                return b"".join(out)
            start = match.start()
            found = match[0].lower()
            out.append(text[at:start])
            out.append((<Expression> self.texts[found]).evaluate(self.exchange))
            at = match.end()
            if self.once:
                del self.texts[found]
                self._look()

    cdef Py_ssize_t _known(self, bytes text, Py_ssize_t at) except -1:
        """The end of what later octets cannot change: from there on a text may begin."""
        cdef Py_ssize_t end = PyBytes_GET_SIZE(text), start
        cdef bytes rest, look_for
        for start in range(max(at, end - self.longest + 1), end):
            rest = text[start:].lower()
            for look_for in self.texts:
                if look_for.startswith(rest) and look_for != rest:
                    return start
        return end


cdef object _search(tuple texts):
    found = searches.get(texts)
    if found is None:
        if len(searches) >= MOST_KEPT:
            searches.clear()
        found = searches[texts] = re.compile(b"|".join(map(re.escape, texts)), re.IGNORECASE)
    return found


def install(scope, Location location not None, making):
    """Hang the replacing on a location's filters, where its scope says so."""
    cdef SubFilter made
    lines = scope.lines("sub_filter")
    if not lines:
        return
    made = SubFilter()
    made.pairs = tuple(
        (making.expression(line.value[0]), making.expression(line.value[1])) for line in lines)
    types = scope.value("sub_filter_types")
    made.types = None if "*" in types else frozenset(one.encode() for one in types)
    made.once = scope.value("sub_filter_once")
    made.keep_validators = scope.value("sub_filter_last_modified")
    location.filters = location.filters + (made,)
