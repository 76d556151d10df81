"""gzip_http_version, gzip_proxied, gzip_disable: to whom gzip is sent, compressed now or before.

As nginx's ngx_http_gzip_ok, but for Accept-Encoding, which `wire.coding` reads.
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.wire.names cimport AUTHORIZATION, DATE, ETAG, EXPIRES, LAST_MODIFIED, USER_AGENT, VIA

from forkproxy import clock
from forkproxy.wire.dates import parse_http_date

cdef tuple CONTROLS = (b"no-cache", b"no-store", b"private")


cdef class GzipRules:

    cdef bint allow(self, Exchange exchange, Response response) except -1:
        cdef bytes agent
        if exchange.head.minor < self.least_minor:
            return False
        if exchange.head.fields.known_value(VIA) is not None and not self._proxied(
                exchange, response):
            return False
        if self.disabled or self.old_explorers:
            agent = exchange.head.fields.known_value(USER_AGENT)
            if agent is not None:
                if self.old_explorers and self._explorer(agent):
                    return False
                for pattern in self.disabled:
                    if pattern.search(agent):
                        return False
        return True

    cdef bint _explorer(self, bytes agent) except -1:
        """Internet Explorer 4 to 6 before Windows XP SP2, whose gzip was broken: "msie6"."""
        cdef Py_ssize_t at = agent.find(b"MSIE ")
        if at < 0 or b"Opera" in agent[at:] or agent[at + 6:at + 7] != b".":
            return False
        version = agent[at + 5:at + 6]
        return version in (b"4", b"5") or version == b"6" and b"SV1" not in agent[at + 8:]

    cdef bint _proxied(self, Exchange exchange, Response response) except -1:
        """Whether an answer may be compressed for another proxy."""
        cdef frozenset wanted = self.proxied
        cdef bytes expires, control, date
        cdef long long until, then
        if "off" in wanted:
            return False
        if "any" in wanted:
            return True
        if "auth" in wanted and exchange.head.fields.known_value(AUTHORIZATION) is not None:
            return True
        expires = response.fields.known_value(EXPIRES)
        if expires is not None:
            if "expired" not in wanted:
                return False
            until = parse_http_date(expires)
            if until == -1:
                return False
            date = response.date or response.fields.known_value(DATE)
            then = -1 if date is None else parse_http_date(date)
            return until < (then if then != -1 else clock.wall())
        control = response.fields.joined(b"cache-control")
        if control is not None:
            control = control.lower()
            for word in CONTROLS:
                if word.decode() in wanted and word in control:
                    return True
            return False
        if "no_last_modified" in wanted and response.fields.known_value(LAST_MODIFIED) is not None:
            return False
        return "no_etag" not in wanted or response.fields.known_value(ETAG) is None


cdef GzipRules gzip_rules(object scope):
    cdef GzipRules made = GzipRules.__new__(GzipRules)
    cdef list patterns = []
    made.least_minor = 0 if scope.value("gzip_http_version") == "1.0" else 1
    made.proxied = scope.value("gzip_proxied")
    for line in scope.lines("gzip_disable"):
        for pattern in line.value:
            if pattern is None:
                made.old_explorers = True
            else:
                patterns.append(pattern)
    made.disabled = tuple(patterns)
    return made


cdef int vary(Response response) except -1:
    cdef bytes names = response.fields.joined(b"vary")
    if names is not None:
        for name in names.lower().split(b","):
            if (<bytes> name).strip() in (b"accept-encoding", b"*"):
                return 0
    return response.fields.add(b"Vary", b"Accept-Encoding")
