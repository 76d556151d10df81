"""map: a variable whose value depends on another text; computed when it is asked for."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, Slot
from forkproxy.core.router cimport keep_captures


cdef class MapVariable(Slot):
    """The variable of one map."""

    cdef Expression source
    cdef dict exact                 # text in lower case to Expression
    cdef dict leading               # with hostnames: b".example.com" to Expression
    cdef dict trailing              # b"www." to Expression
    cdef tuple patterns             # (pattern, captures, Expression)
    cdef Expression otherwise
    cdef bint hostnames
    cdef bint volatile

    cdef bytes fill(self, Exchange exchange):
        cdef bytes value = self._found(exchange, self.source.evaluate(exchange)).evaluate(exchange)
        if not self.volatile:
            self.keep(exchange, value)
        return value

    cdef Expression _found(self, Exchange exchange, bytes text):
        cdef bytes lower = text.lower()
        if self.hostnames and lower.endswith(b"."):
            lower = lower[:-1]
        found = self.exact.get(lower)
        if found is None and self.hostnames:
            found = self._by_hostname(lower)
        if found is not None:
            return <Expression> found
        for pattern, captures, expression in self.patterns:
            match = pattern.search(text)
            if match is not None:
                exchange.captures = match
                if captures:
                    keep_captures(exchange, match, captures)
                return <Expression> expression
        return self.otherwise

    cdef object _by_hostname(self, bytes name):
        """The longest wildcard that fits, at the front first."""
        cdef Py_ssize_t dot = name.find(b".")
        while dot >= 0:
            found = self.leading.get(name[dot:])
            if found is not None:
                return found
            dot = name.find(b".", dot + 1)
        dot = name.rfind(b".")
        while dot >= 0:
            found = self.trailing.get(name[:dot + 1])
            if found is not None:
                return found
            dot = name.rfind(b".", 0, dot)
        return None


def declare(maps, making):
    """Make the variables of maps known, so that any expression may use them."""
    for settings in maps:
        name = settings.variable
        made = MapVariable(name, making.next_index())
        making.slots[name] = made


def define(maps, making):
    """Fill in the maps, when all variables are known."""
    cdef MapVariable made
    for settings in maps:
        made = <MapVariable?> making.slots[settings.variable]
        made.source = making.expression(settings.source)
        made.otherwise = making.expression(settings.default)
        made.hostnames = settings.hostnames
        made.volatile = settings.volatile
        made.exact, made.leading, made.trailing, patterns = {}, {}, {}, []
        for entry in settings.entries:
            value = making.expression(entry.value)
            text = entry.text.encode("utf-8", "surrogateescape")
            if entry.pattern is not None:
                patterns.append((entry.pattern, making.captures(entry.pattern), value))
            elif settings.hostnames and text.startswith(b"*."):
                made.leading[text[1:]] = value
            elif settings.hostnames and text.startswith(b"."):
                made.leading[text] = value
                made.exact.setdefault(text[1:], value)
            elif settings.hostnames and text.endswith(b".*"):
                made.trailing[text[:-1]] = value
            else:
                made.exact[text] = value
        made.patterns = tuple(patterns)
