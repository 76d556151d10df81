"""Host and path to server and location: by dictionaries, and one sorted table of prefixes.

The order is nginx's. Servers: exact name, longest "*.x", longest "x.*", first regex in file order,
the default of the address. Locations: `=`, then the longest prefix; its nested locations; then,
unless that prefix says `^~`, the first regex in file order; then the prefix.
"""

from bisect import bisect_right

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Slot
from forkproxy.core.plan cimport Location, Server
from forkproxy.wire.head cimport RequestHead
from forkproxy.wire.target cimport normalise_path


cdef class Locations:

    def __init__(self, exact, prefixes, patterns):
        """Take Locations: exact ones, prefixes, and those by regex in file order."""
        self.exact = {location.path: location for location in exact}
        by_path = {location.path: location for location in prefixes}
        self.prefixes = sorted(by_path)
        self.inclusive = [by_path[path] for path in self.prefixes]
        self.outer = self._outer()
        redirecting = {**by_path, **self.exact}
        self.slashless = {path[:-1]: location for path, location in redirecting.items()
                          if location.adds_slash and len(path) > 1 and path.endswith(b"/")}
        self.patterns = tuple(patterns)

    def _outer(self):
        """For each prefix, in order, the index of the longest that it begins with; -1 for none."""
        found, around = [], []
        for index, path in enumerate(self.prefixes):
            while around and not path.startswith(self.prefixes[around[-1]]):
                around.pop()
            found.append(around[-1] if around else -1)
            around.append(index)
        return found

    cdef Location longest_prefix(self, bytes uri):
        """What sorts last before `uri` is it, or lies within it, or shares its outer ones."""
        cdef Py_ssize_t index = bisect_right(self.prefixes, uri) - 1
        while index >= 0:
            if uri.startswith(<bytes> self.prefixes[index]):
                return <Location> self.inclusive[index]
            index = self.outer[index]
        return None

    cdef Location find(self, Exchange exchange, Found* how):
        cdef bytes uri = exchange.uri
        cdef bint stopped
        cdef Location found, prefix = None
        cdef object match
        if self.exact:
            found = self.exact.get(uri)
            if found is not None:
                how[0] = EXACT
                return found
        if self.prefixes:
            prefix = self.longest_prefix(uri)
        if self.slashless and not uri.endswith(b"/") and (prefix is None or prefix.path != uri):
            found = self.slashless.get(uri)
            if found is not None:
                how[0] = SLASH_MISSING
                return found
        stopped = prefix is not None and prefix.stops_regex
        if prefix is not None and prefix.inner is not None:
            found = (<Locations> prefix.inner).find(exchange, how)
            if how[0] == PREFIX:
                prefix = found      # its own `^~` has stopped the regexes beside it, not ours
            elif how[0] != NOTHING:
                return found
        if not stopped:
            for found in self.patterns:
                match = found.pattern.search(uri)
                if match is not None:
                    exchange.captures = match
                    if found.captures:
                        keep_captures(exchange, match, found.captures)
                    return self._nested(exchange, found, how)
        how[0] = NOTHING if prefix is None else PREFIX
        return prefix

    cdef Location _nested(self, Exchange exchange, Location found, Found* how):
        cdef Location inner
        if found.inner is not None:
            inner = (<Locations> found.inner).find(exchange, how)
            if how[0] != NOTHING:
                return inner
        how[0] = REGEX
        return found


cdef class Names:

    def __init__(self, Server default not None, exact, leading, trailing, patterns):
        """Take dictionaries of names to Servers, and (pattern, Server, captures)."""
        self.default = default
        self.exact = dict(exact)
        self.leading = dict(leading)
        self.trailing = dict(trailing)
        self.patterns = tuple(patterns)
        others = {*self.exact.values(), *self.leading.values(), *self.trailing.values()}
        others.update(server for _, server, _ in self.patterns)
        self.servers = (default, *(others - {default}))
        self.alone = others <= {default} and not self.patterns

    cdef Server find(self, Exchange exchange, bytes name):
        cdef object found = self.exact.get(name)
        cdef Py_ssize_t dot
        if found is not None:
            return <Server> found
        if self.leading:
            dot = name.find(b".")
            while dot >= 0:
                found = self.leading.get(name[dot:])
                if found is not None:
                    return <Server> found
                dot = name.find(b".", dot + 1)
        if self.trailing:
            dot = name.rfind(b".")
            while dot >= 0:
                found = self.trailing.get(name[:dot + 1])
                if found is not None:
                    return <Server> found
                dot = name.rfind(b".", 0, dot)
        for pattern, found, captures in self.patterns:
            match = pattern.search(name)
            if match is not None:
                if exchange is None:
                    return <Server> found
                exchange.captures = match
                if captures:
                    keep_captures(exchange, match, captures)
                return <Server> found
        return self.default


cdef int choose_server(Exchange exchange, Names names, Server first) except -1:
    cdef RequestHead head = exchange.head
    cdef Server server = first
    exchange.server = server
    if not names.alone:
        # Who names no host is for the server that is called "", where there is one.
        server = names.find(exchange, b"" if head.hostname is None else head.hostname)
        exchange.server = server
    exchange.uri = normalise_path(head.path, server.merge_slashes)
    exchange.args = head.query
    return 0


cdef int keep_captures(Exchange exchange, object match, tuple captures) except -1:
    """Store the named groups of a match where the variables of their names look."""
    for name, slot in captures:
        (<Slot> slot).keep(exchange, match.group(name) or b"")
    return 0
