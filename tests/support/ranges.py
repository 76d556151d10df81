"""An origin that knows ranges, If-Range and If-None-Match, for a content that a test may change."""

from forkproxy.cache import entry
from tests.support.origin import response

PARTS = "proxy_cache_rfc on; proxy_cache_max_range_offset 0; proxy_cache_status_header edge;"
CONTENT = bytes(range(256)) * 40  # 10,240 octets


class RangeOrigin:
    """A script: what a well-behaved origin says to a request for one range, or for all.

    Attributes:
        content, tag: what it has now, and the ETag of that (None: it gives none).
        fields: lines of each answer that brings content.
        spoil: it is given (first, last, octets) of each 206, and gives them back; or None.
    """

    def __init__(self, content, tag=b'"one"', *fields):
        self.content = content
        self.tag = tag
        self.fields = fields or (b"Cache-Control: max-age=60",)
        self.spoil = None

    def __call__(self, peer):
        while True:
            peer.send(self.answer(peer.request()))

    def answer(self, asked):
        """Return the octets of the answer to a request."""
        lines = [*self.fields, *([b"ETag: " + self.tag] if self.tag else [])]
        if self.tag and asked.get(b"if-none-match") == self.tag:
            return b"\r\n".join([b"HTTP/1.1 304 Not Modified", *lines, b"", b""])
        wanted = asked.get(b"range")
        if wanted is None or b"," in wanted or asked.get(b"if-range") not in (None, self.tag):
            return response(self.content, *lines)
        first, _, last = wanted.removeprefix(b"bytes=").partition(b"-")
        total = len(self.content)
        if not first:
            first, last = max(0, total - int(last)), total - 1
        else:
            first, last = int(first), min(int(last or total), total - 1)
        if first > last:
            line = b"Content-Range: bytes */%d" % total
            return response(b"", line, status=b"416 Range Not Satisfiable")
        octets = self.content[first : last + 1]
        if self.spoil is not None:
            first, last, octets = self.spoil(first, last, octets)
        lines.append(b"Content-Range: bytes %d-%d/%d" % (first, last, total))
        return response(octets, *lines, status=b"206 Partial Content")


def asked(server):
    """Return the ranges that the origin was asked for, None for the whole."""
    return [request.get(b"range") for request in server.origin.requests]


def ranged(server, text, *fields):
    """Ask a server with a cache for ranges."""
    return server.ask(b"/", b"Range: bytes=" + text, *fields)


def stored(server):
    """Return the entries of the store."""
    server.settle()
    with server.zone.store.reading() as tables:
        return [entry.read(octets) for _, octets in tables.entries.items()]
