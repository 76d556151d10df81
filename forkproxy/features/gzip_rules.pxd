from forkproxy.core.exchange cimport Exchange, Response


cdef class GzipRules:
    """Who may be sent gzip at all, by the directives gzip_http_version, _proxied and _disable."""

    cdef int least_minor            # of HTTP/1
    cdef frozenset proxied          # words of gzip_proxied
    cdef tuple disabled             # patterns of User-Agent
    cdef bint old_explorers         # are disabled

    cdef bint allow(self, Exchange exchange, Response response) except -1
    cdef bint _explorer(self, bytes agent) except -1
    cdef bint _proxied(self, Exchange exchange, Response response) except -1


cdef GzipRules gzip_rules(object scope)
# Say that the content hangs on Accept-Encoding.
cdef int vary(Response response) except -1
