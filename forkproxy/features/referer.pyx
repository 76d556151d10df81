"""valid_referers: $invalid_referer is "1" where the page that a request came from may not link."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable
from forkproxy.core.plan cimport Location
from forkproxy.wire.names cimport REFERER

from forkproxy.config.directives.referer import Referer
from forkproxy.config.directives.server import NameKind

DEF LONGEST_NAME = 256


cdef class Referers:
    """What the valid_referers of one level say."""

    cdef bint without               # none: requests without the field
    cdef bint blocked               # values that are no http or https URL
    cdef dict exact                 # name to what the path begins with; b"": any
    cdef dict leading               # b".example.com"
    cdef dict trailing              # b"www."
    cdef tuple patterns             # of what follows the scheme
    cdef tuple names                # patterns of the server's names

    cdef bint valid(self, bytes referer) except -1:
        cdef bytes rest, name, path, wanted
        if referer is None:
            return self.without
        lower = referer[:8].lower()
        if len(referer) < 11 or not (lower.startswith(b"http://") or lower == b"https://"):
            return self.blocked
        rest = referer[7 if lower.startswith(b"http://") else 8:]
        name = rest.partition(b"/")[0].partition(b":")[0].lower()
        if len(name) > LONGEST_NAME:
            return False
        wanted = self._path_for(name)
        if wanted is not None:
            path = rest[rest.find(b"/"):] if b"/" in rest else b""
            return path.startswith(wanted)
        if any([pattern.search(name) for pattern in self.names]):
            return True
        return any([pattern.search(rest) for pattern in self.patterns])

    cdef bytes _path_for(self, bytes name):
        """What the path has to begin with, by the name that fits best; None where none does."""
        found = self.exact.get(name)
        if found is not None:
            return <bytes> found
        dot = name.find(b".")
        while dot >= 0:
            found = self.leading.get(name[dot:])
            if found is not None:
                return <bytes> found
            dot = name.find(b".", dot + 1)
        dot = name.rfind(b".")
        while dot >= 0:
            found = self.trailing.get(name[:dot + 1])
            if found is not None:
                return <bytes> found
            dot = name.rfind(b".", 0, dot)
        return None


cdef class InvalidReferer(Variable):
    """$invalid_referer."""

    cdef bytes value(self, Exchange exchange):
        cdef Location location = <Location> exchange.location
        if location is None:
            location = exchange.server.default
        if location.referers is None:
            return b""
        if (<Referers> location.referers).valid(exchange.head.fields.known_value(REFERER)):
            return b""
        return b"1"


def declare(making):
    """Make the variable known."""
    making.slots["invalid_referer"] = InvalidReferer("invalid_referer")


def install(scope, Location location not None, making):
    """Give a location the valid_referers of its scope."""
    cdef Referers made
    lines = scope.lines("valid_referers") if scope.kind != "http" else ()
    if not lines:
        return
    made = Referers.__new__(Referers)
    made.exact, made.leading, made.trailing, patterns, names = {}, {}, {}, [], []
    for line in lines:
        for one in line.value:
            if one.word == "none":
                made.without = True
            elif one.word == "blocked":
                made.blocked = True
            elif one.word == "server_names":
                names += _server_names(made, scope)
            elif one.pattern is not None:
                patterns.append(one.pattern)
            else:
                _add(made, one)
    made.patterns, made.names = tuple(patterns), tuple(names)
    location.referers = made


def _server_names(Referers made, scope):
    """Add the names of the server; return the patterns among them."""
    patterns = []
    for line in scope.lines("server_name"):
        for name in line.value:
            if name.kind is NameKind.REGEX:
                patterns.append(name.pattern)
            elif name.text:
                _add(made, Referer(name=name.text))
    return patterns


def _add(Referers made, one):
    name, path = one.name.encode(), one.path.encode("utf-8", "surrogateescape")
    if name.startswith(b"*."):
        made.leading[name[1:]] = path
    elif name.startswith(b"."):
        made.leading[name] = path
        made.exact.setdefault(name[1:], path)
    elif name.endswith(b".*"):
        made.trailing[name[:-1]] = path
    else:
        made.exact[name] = path
