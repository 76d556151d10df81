"""gzip_static, brotli_static, zstd_static: a file `name.gz` is sent in place of `name` beside it.

It has the type of `name`, and its own date, ETag and ranges.
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Handler, Location
from forkproxy.features.gzip_rules cimport GzipRules, gzip_rules, vary
from forkproxy.features.open_files cimport REGULAR, OpenFile
from forkproxy.features.static cimport Root, Static, whole
from forkproxy.wire.coding cimport Accepted, accepted


cdef class Variant:
    """Files of one coding."""

    cdef bytes coding
    cdef bytes suffix
    cdef bint always            # also to clients that do not take it
    cdef GzipRules rules        # of gzip alone

    cdef int liked(self, Exchange exchange, Accepted wanted) except -1:
        cdef int quality
        if self.always:
            return 1000
        quality = wanted.preference(self.coding)
        if quality and self.rules is not None and not self.rules.allow(exchange, NOTHING):
            return 0
        return quality

    cdef Response answer(self, Exchange exchange, Root root, bytes path):
        """Return the answer with the file of this coding, None where there is none."""
        cdef Response response
        cdef OpenFile found = root.find(exchange, path + self.suffix)
        if not found.regular:
            return None
        response = whole((<Location> exchange.location).settings, path, found)
        response.fields.add(b"Content-Encoding", self.coding)
        return response

    cdef bint there(self, Exchange exchange, Root root, bytes path) except -1:
        cdef int failed
        return root.kind(exchange, path + self.suffix, &failed) == REGULAR


# What gzip_proxied looks at before there is an answer.
cdef Response NOTHING = Response(200, None, None)


cdef class Precompressed(Handler):
    """Around the handler of files."""

    cdef Static files
    cdef tuple variants         # Variants, the best first
    cdef bint vary

    cdef bint harmless(self) noexcept:
        return True

    cdef Response answer(self, Exchange exchange):
        cdef bytes path
        cdef Root root
        cdef Response response = None
        cdef Variant variant
        cdef bint hangs = False
        if exchange.method not in (b"GET", b"HEAD") or exchange.uri.endswith(b"/"):
            return self.files.answer(exchange)
        root = <Root> (<Location> exchange.location).root
        path = root.path_of(exchange)
        if b"\0" in path:
            return self.files.answer(exchange)
        for variant in self._wanted(exchange):
            response = variant.answer(exchange, root, path)
            if response is not None:
                hangs = not variant.always
                break
        if response is None:
            response = self.files.answer(exchange)
            hangs = self.vary and response.status == 200 and self._any(exchange, root, path)
        if hangs and self.vary:
            vary(response)
        return response

    cdef list _wanted(self, Exchange exchange):
        """The variants that the client takes, the one it likes best first."""
        cdef Accepted wanted = accepted(exchange.head.fields.joined(b"accept-encoding"))
        cdef Variant variant
        cdef list found = []
        cdef int quality
        for variant in self.variants:
            quality = variant.liked(exchange, wanted)
            if quality:
                found.append((-quality, len(found), variant))
        found.sort()
        return [one[2] for one in found]

    cdef bint _any(self, Exchange exchange, Root root, bytes path) except -1:
        cdef Variant variant
        for variant in self.variants:
            if not variant.always and variant.there(exchange, root, path):
                return True
        return False


# The directive, the coding and the files' suffix; the smallest first.
CODINGS = (
    ("brotli_static", b"br", b".br"),
    ("zstd_static", b"zstd", b".zst"),
    ("gzip_static", b"gzip", b".gz"),
)


def install(scope, Location location not None, making):
    """Put the search for such files before a location's own handler of files."""
    cdef Precompressed made
    cdef Variant variant
    cdef list variants = []
    if not isinstance(location.content, Static):
        return
    for name, coding, suffix in CODINGS:
        if scope.value(name) == "off":
            continue
        variant = Variant.__new__(Variant)
        variant.coding = coding
        variant.suffix = suffix
        variant.always = scope.value(name) == "always"
        variant.rules = gzip_rules(scope) if coding == b"gzip" else None
        variants.append(variant)
    if variants:
        made = Precompressed.__new__(Precompressed)
        made.files = <Static> location.content
        made.variants = tuple(variants)
        made.vary = scope.value("gzip_vary")
        location.content = made
