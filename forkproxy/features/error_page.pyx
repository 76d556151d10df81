"""error_page: another answer in place of an error of our own.

    error_page 404 /404.html;            error_page 404 =200 /empty.gif;
    error_page 502 @fallback;            error_page 403 http://example.com/forbidden;
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.faults cimport moved
from forkproxy.core.plan cimport Location, Replacement

cdef frozenset REDIRECTS = frozenset((301, 302, 303, 307, 308))


cdef class ErrorPage(Replacement):
    """One error_page directive."""

    cdef Expression uri
    cdef bint keeps_status          # no "=": the error's own status is shown
    cdef int answer                 # "=200": that one; 0: "=": the page's

    cdef Response replace(self, Exchange exchange, Response response):
        cdef bytes uri = self.uri.evaluate(exchange)
        cdef bytes path, mark, args
        cdef int status = response.shown_for or response.status
        exchange.error_status = status if self.keeps_status else self.answer
        if response.body is not None:
            response.body.close()
        # Whatever page is shown, a 401 says how to authenticate, and a redirect where to.
        # What a guard has said is carried already.
        for name in (b"WWW-Authenticate", b"Location"):
            values = response.fields.all(name.lower())
            if values:
                exchange.carry(name, values)
        if uri.startswith(b"/"):
            path, mark, args = uri.partition(b"?")
            if exchange.method != b"HEAD":
                exchange.method = b"GET"
            exchange.replaced_error = status
            return exchange.redirect(path, args if mark else None)
        if uri.startswith(b"@"):
            return exchange.redirect_to_named(uri)
        exchange.error_status = 0
        return moved(exchange, self.answer if self.answer in REDIRECTS else 302, uri)


def install(scope, Location location not None, making):
    """Give a location the error pages of its scope."""
    cdef ErrorPage made
    pages = {}
    for line in scope.lines("error_page"):
        made = ErrorPage.__new__(ErrorPage)
        made.uri = making.expression(line.value.uri)
        made.keeps_status = line.value.answer is None
        made.answer = line.value.answer or 0
        for status in line.value.statuses:
            pages.setdefault(status, made)
    if pages:
        location.error_pages = pages
        location.recursive_error_pages = scope.value("recursive_error_pages")
