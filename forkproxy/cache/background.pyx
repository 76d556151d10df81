"""Updates behind the client's back: stale-while-revalidate, proxy_cache_background_update."""

from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.subrequest cimport clone, in_background
from forkproxy.net.gate cimport Gate


cdef class Update:
    """One of them: a connection that ends with this answer ends after it, as nginx's does."""

    cdef Gate over

    def finished(self):
        self.over.open()

    def wait(self):
        self.over.wait()


cdef int update_in_background(Exchange exchange, Visit visit) except -1:
    cdef Exchange inner = clone(exchange)
    cdef Visit made = Visit.__new__(Visit)
    cdef Update update
    made.zone = visit.zone
    made.key = made.place = visit.key
    made.specs = b""
    made.number = visit.number
    made.cacheable = True
    made.age = -1.0
    made.background = True
    made.claimed = visit.claimed
    visit.claimed = False
    inner.cache = made
    if not exchange.keep_alive:
        update = Update.__new__(Update)
        update.over = Gate.__new__(Gate)
        inner.defer(update.finished)
        # At the very end: where an include is stale, what follows it is not kept waiting.
        exchange.main().defer(update.wait)
    return in_background(inner)
