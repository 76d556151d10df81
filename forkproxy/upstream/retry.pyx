"""Which failures let another peer be asked, and when it is too late for that."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.forward cimport Forward

cdef dict FAILURES = {500: HTTP_500, 502: HTTP_502, 503: HTTP_503, 504: HTTP_504,
                      403: HTTP_403, 404: HTTP_404, 429: HTTP_429}
# The words of proxy_next_upstream.
CONDITIONS = {
    "error": ERROR, "timeout": TIMEOUT, "invalid_header": INVALID_HEADER,
    "http_500": HTTP_500, "http_502": HTTP_502, "http_503": HTTP_503, "http_504": HTTP_504,
    "http_403": HTTP_403, "http_404": HTTP_404, "http_429": HTTP_429,
    "non_idempotent": NON_IDEMPOTENT,
}
cdef frozenset NOT_IDEMPOTENT = frozenset((b"POST", b"LOCK", b"PATCH"))


cdef int failure_of(int status) except -1:
    return FAILURES.get(status, 0)


cdef bint may_retry(Forward self, Exchange exchange, int failure, bint sent, int attempts):
    if not failure & self.next_upstream:
        return False
    if sent and exchange.method in NOT_IDEMPOTENT and not self.next_upstream & NON_IDEMPOTENT:
        return False
    if exchange.body is not None and sent:
        return False        # it was sent as it came, and is gone
    if self.tries and attempts >= self.tries:
        return False
    return not self.next_timeout or poller.now - exchange.started < self.next_timeout
