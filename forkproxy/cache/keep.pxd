from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.wire.content_range cimport Span

# Hand an answer over to a fill; or say why not, and return it as it is.
cdef Response store_answer(Terms terms, Exchange exchange, Visit visit, Response response,
                           double asked_at, unsigned long long purges)
# Log that something is not stored because of what it looks like.
cdef int warn_of(Exchange exchange, int reason) except -1
# Which part of the content an answer of 206 brings: STORED, or a Refusal where that is not certain.
cdef int part_of(Response response, Span* part) except -1
# A 304: the stored answer is good for another while (RFC 9111 §4.3.4).
cdef Response freshened(Terms terms, Exchange exchange, Visit visit, Response response,
                        double asked_at)
# Free who waits for us: there is nothing to wait for.
cdef int let_go(Visit visit, int reason) except -1
