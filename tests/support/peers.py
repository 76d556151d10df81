"""Upstreams of a few lines, for tests of who is chosen."""

import math

from forkproxy.core.expressions import Expression
from forkproxy.features.upstream import fill
from forkproxy.upstream.upstream import Upstream
from tests.support.configuration import level


def upstream(*lines, **rest):
    """Return an upstream of `server` lines: "10.0.0.1:80 weight=5"."""
    made = Upstream("u", **rest)
    block = level("upstream", "".join(f"server {line};" for line in lines))
    fill(made, [line.value for line in block.own("server")], None)
    return made


def chosen(made, count, exchange=None):
    """Return the names of the peers of so many picks, each of which is over before the next."""
    return [made.choose(exchange).name.decode() for _ in range(count)]


def peer(made, name):
    """Return the peer whose address begins so."""
    return next(one for one in made.peers if one.address.text.startswith(name.encode()))


def key(text):
    """Return an expression that is always this text."""
    return Expression(text, (text.encode(),))


def deviation(counts, shares):
    """Return how far counts are from their shares, in standard deviations of chance."""
    total, whole = sum(counts.values()), sum(shares.values())
    worst = 0.0
    for name, share in shares.items():
        part = share / whole
        spread = math.sqrt(total * part * (1 - part))
        worst = max(worst, abs(counts.get(name, 0) - total * part) / spread)
    return worst
