"""The table of the variables that every request has: names, and functions that compute them.

The files variables_*.pyx fill it, each with one subject; `core.variables` brings all of them in.
"""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Slot, Variable

cdef dict table = {}
cdef list families = []         # (prefix, Family), longer prefixes first


cdef class Known(Variable):

    cdef bytes value(self, Exchange exchange):
        return self.getter(exchange)


cdef class Family:
    """Names that begin with one prefix."""

    cdef Maker maker


cdef int know(str name, Getter getter) except -1:
    cdef Known made = Known(name)
    made.getter = getter
    table[name] = made
    return 0


cdef int know_family(str prefix, Maker maker) except -1:
    cdef Family made = Family.__new__(Family)
    made.maker = maker
    families.append((prefix, made))
    families.sort(key=_length, reverse=True)
    return 0


def _length(family):
    return len(family[0])


cdef Variable builtin(str name):
    found = table.get(name)
    if found is not None:
        return <Variable> found
    for prefix, family in families:
        if name.startswith(prefix):
            return (<Family> family).maker(name, name[len(prefix):].lower().encode())
    return None


cdef bytes seconds(double duration):
    if duration < 0.0:
        return b"-"
    return b"%.3f" % duration


cdef class Shadow(Slot):
    """A variable that `set` makes of a built-in name: the built-in one while it is not set."""

    cdef Variable behind

    cdef bytes fill(self, Exchange exchange):
        cdef bytes value = self.behind.value(exchange)
        return b"" if value is None else value


def slot(str name not None, int index):
    """Return the place of a variable that a configuration makes."""
    cdef Shadow made
    behind = builtin(name)
    if behind is None:
        return Slot(name, index)
    made = Shadow(name, index)
    made.behind = behind
    return made


def names():
    """Return the names of all variables here that are no families."""
    return frozenset(table)


def prefixes():
    """Return the prefixes of the families."""
    return frozenset(prefix for prefix, _ in families)
