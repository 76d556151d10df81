"""Content that comes no faster than so many octets a second, whoever sends it and however.

nginx lets a second's worth go at the start of each second. Here a quarter of a second's worth goes
at once and then goes on evenly; what a client did not read in time it cannot ask for later.
"""

from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.net.delay cimport delay
from forkproxy.net.poller cimport poller

from forkproxy import units

DEF AT_ONCE = 0.25          # seconds' worth of octets
DEF LEAST = 512             # octets that are worth a wait


cdef double _at_once(double rate) noexcept:
    """A quarter of a second's worth, but what is worth a wait; never more than a second's."""
    return max(rate * AT_ONCE, min(rate, LEAST))


cdef class Paced(Body):

    cdef Body inner
    cdef Exchange exchange
    cdef double rate                # octets a second
    cdef long long free             # octets that go before the rate holds
    cdef double credit              # octets that may go now, at `since`
    cdef double since

    cdef long long _allowed(self) noexcept:
        """How many octets may go now."""
        cdef double most = _at_once(self.rate)
        self.credit = min(most, self.credit + (poller.now - self.since) * self.rate)
        self.since = poller.now
        return self.free + <long long> self.credit

    cdef void _count(self, Py_ssize_t count) noexcept:
        cdef long long freely = min(self.free, count)
        self.free -= freely
        self.credit -= count - freely

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        return min(self.inner.at_hand(octets), self._allowed())

    cdef void took(self, Py_ssize_t count) noexcept:
        self.inner.took(count)
        self._count(count)

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        cdef long long wanted = min(room, <long long> _at_once(self.rate))
        while self._allowed() < wanted:
            delay(self.exchange.client.stream, (wanted - self._allowed()) / self.rate)
        count = self.inner.read_into(into, min(room, self._allowed()))
        self._count(count)
        if count == 0:
            self.trailers = self.inner.trailers
        return count

    cdef Body read_on(self):
        self.inner = self.inner.read_on()
        return self

    cpdef void close(self):
        self.inner.close()


cdef int pace(Exchange exchange, Response response) except -1:
    cdef Paced made
    cdef long long rate = octets_of(exchange.limit_rate)
    if rate <= 0 or response.body is None:
        return 0
    made = Paced.__new__(Paced)
    made.inner = response.body
    made.exchange = exchange
    made.length = response.body.length
    made.rate = rate
    made.free = octets_of(exchange.limit_rate_after)
    made.credit = _at_once(rate)
    made.since = poller.now
    response.body = made
    return 0


cdef long long octets_of(bytes text) except -1:
    """A size in nginx's form; 0 for what is none, as nginx."""
    if not text:
        return 0
    try:
        return units.parse_size(text.decode("latin-1"))
    except ValueError:
        return 0
