"""$fastcgi_script_name and $fastcgi_path_info: the path of a request, cut in two."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable
from forkproxy.core.plan cimport Location


cdef class Script(Variable):
    """One of the two: the name (1) or what follows it (2)."""

    cdef dict rules             # Location to (pattern or None, fastcgi_index)
    cdef int part

    def __init__(self, str name, int part, dict rules not None):
        super().__init__(name)
        self.part = part
        self.rules = rules

    cdef bytes value(self, Exchange exchange):
        cdef bytes name = exchange.uri or b"", info = b""
        pattern, index = self.rules.get(exchange.location, (None, b""))
        match = None if pattern is None else pattern.search(name)
        if match is not None:
            name, info = match[1] or b"", match[2] or b""
        if self.part == 2:
            return info
        return name + <bytes> index if name.endswith(b"/") else name


def declare(making):
    """Make both variables known."""
    cdef dict rules = {}
    for part, name in ((1, "fastcgi_script_name"), (2, "fastcgi_path_info")):
        making.slots[name] = Script(name, part, rules)


def install(scope, Location location not None, making):
    """Note how the paths of a location are cut."""
    index = scope.value("fastcgi_index").encode()
    # Outside of locations the directive has no place.
    inside = scope.enclosing("location") is not None
    pattern = scope.value("fastcgi_split_path_info") if inside else None
    if index or pattern is not None:
        (<Script> making.slots["fastcgi_script_name"]).rules[location] = (pattern, index)
