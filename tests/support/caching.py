"""A server with a cache before an origin, in the test's own process.

with caching(script, "proxy_cache_valid 1m;") as server:
    assert server.ask(b"/").status == "MISS"
"""

import contextlib
import threading

from forkproxy.cache import zone
from forkproxy.cache.scribe import scribe
from tests.support.client import Client, request
from tests.support.inside import proxying
from tests.support.origin import answers, chunked, response

ZONE = "{family}_cache_path %PREFIX%/cache keys_zone=one:1m {options};"
LOCATION = """
location / {{
    {family}_pass {scheme}%ORIGIN%;
    {family}_cache one;
    add_header X-Status $upstream_cache_status always;
    add_header X-Reason $upstream_cache_reason always;
    {text}
}}
{more}
"""
FRESH = b"Cache-Control: max-age=60"
STALE = b"X-Accel-Expires: @1"  # stored, and stale at once


class Got:
    """An answer, and what the cache said of it."""

    def __init__(self, response):
        self.response = response
        self.code = response.status
        self.body = response.body
        self.status = response.get(b"x-status", b"").decode()
        self.reason = response.get(b"x-reason", b"").decode()

    def get(self, name):
        return self.response.get(name)


class Caching:
    """What a test does with the server; anything else is the server's (tests.support.inside)."""

    def __init__(self, server):
        self._server = server

    def __getattr__(self, name):
        return getattr(self._server, name)

    def ask(self, target=b"/", *fields, method=b"GET", body=b""):
        """Ask, and tell what came."""
        with Client(self.address) as client:
            return Got(client.ask(request(method, target, *fields, body=body), to=method))

    def statuses(self, *targets):
        """Ask for one after the other; return what the cache said of each."""
        return [self.ask(target).status for target in targets]

    def settle(self):
        """Wait until all that is on its way into the store is there."""
        scribe.flush(5.0)

    @property
    def zone(self):
        return zone.zones()["one"]

    def keys(self):
        """Return all keys of the store."""
        self.settle()
        with self.zone.store.reading() as tables:
            return [key for key, _ in tables.entries.items()]


@contextlib.contextmanager
def caching(script, text="", *, more="", options="", http="", family="proxy", **given):
    """Serve; the zone's store is closed at the end."""
    scheme = "http://" if family == "proxy" else ""
    conf = LOCATION.format(text=text, more=more, family=family, scheme=scheme)
    zones = ZONE.format(options=options, family=family) + http
    with proxying(script, conf, http=zones, **given) as server:
        try:
            yield Caching(server)
        finally:
            zone.zones()["one"].close()


class Halting:
    """An origin that halts in the middle of an answer until it is told to go on.

    Before that come the `earlier` ones, and behind it the same whole; each on its connection.
    """

    def __init__(self, whole, at, earlier=()):
        self.whole = whole
        self.at = at
        self.earlier = earlier
        self.go_on = threading.Event()

    def __call__(self, peer):
        peer.request()
        number = peer.number - len(self.earlier)
        if number < 0:
            peer.send(self.earlier[peer.number])
        elif number == 0:
            peer.send(self.whole[: self.at])
            self.go_on.wait(10.0)
            peer.send(self.whole[self.at :])
        else:
            peer.send(self.whole)


def fresh(body=b"stored", *lines):
    """Return an answer that may be stored."""
    return response(body, FRESH, *lines)


__all__ = ["FRESH", "STALE", "Halting", "answers", "caching", "chunked", "fresh", "response"]
