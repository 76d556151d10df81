"""secure_link: $secure_link tells whether a link was made by who knows the secret, and still holds.

    secure_link     $arg_md5,$arg_expires;              # 1, 0 when it has ended, else nothing
    secure_link_md5 "$secure_link_expires$uri secret";

    secure_link_secret secret;                          # /prefix/hash/link: the link, or nothing
"""

import base64
import hashlib
import hmac

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, Variable
from forkproxy.core.plan cimport Location


cdef class SecureLink:
    """What one location says."""

    cdef Expression link            # None: the form with the secret in the path
    cdef Expression text
    cdef bytes secret

    cdef bytes judge(self, Exchange exchange):
        if self.secret is not None:
            return _in_path(exchange.head.target, self.secret)
        given, expires = self.parts(exchange)
        if expires is not None and _number(expires) <= 0:
            return None
        if len(given) > 24:
            return None
        digest = hashlib.md5(self.text.evaluate(exchange), usedforsecurity=False).digest()
        if not hmac.compare_digest(digest, _decoded(given)):
            return None
        return b"0" if expires is not None and _number(expires) < wall() else b"1"

    cdef tuple parts(self, Exchange exchange):
        """The hash, and when it ends; None where it never does."""
        given, comma, expires = self.link.evaluate(exchange).partition(b",")
        return given, expires if comma else None


cdef bytes _in_path(bytes target, bytes secret):
    """The link behind /prefix/hash/, if the hash is its MD5 with the secret."""
    parts = target[1:].split(b"/", 2)
    if len(parts) < 3 or len(parts[1]) != 32 or not parts[2]:
        return None
    link = parts[2]
    made = hashlib.md5(link + secret, usedforsecurity=False).hexdigest().encode()
    return link if hmac.compare_digest(made, parts[1].lower()) else None


cdef long long _number(bytes text):
    """Seconds of the epoch; -1 for what is none."""
    return int(text) if text.isdigit() and len(text) < 18 else -1


cdef bytes _decoded(bytes text):
    """base64url, with or without its padding; nothing for what is none."""
    text = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(text + b"=" * ((4 - len(text) % 4) % 4), validate=True)
    except ValueError:
        return b""


cdef class Verdict(Variable):
    """$secure_link."""

    cdef dict here              # Location to SecureLink

    cdef bytes value(self, Exchange exchange):
        found = self.here.get(exchange.location)
        return None if found is None else (<SecureLink> found).judge(exchange)


cdef class Expires(Variable):
    """$secure_link_expires."""

    cdef dict here

    cdef bytes value(self, Exchange exchange):
        found = self.here.get(exchange.location)
        if found is None or (<SecureLink> found).secret is not None:
            return None
        return <bytes> (<SecureLink> found).parts(exchange)[1]


def define(http, making):
    """Make the variables known."""
    cdef Verdict verdict = Verdict("secure_link")
    cdef Expires expires = Expires("secure_link_expires")
    verdict.here = expires.here = {}
    making.slots["secure_link"] = verdict
    making.slots["secure_link_expires"] = expires


def install(scope, Location location not None, making):
    """Keep what a scope says of its links."""
    cdef SecureLink made = SecureLink.__new__(SecureLink)
    nearest = scope.nearest("secure_link_secret", "secure_link")
    if nearest is None:
        return
    if nearest.name == "secure_link_secret":
        made.secret = nearest.value.encode("utf-8", "surrogateescape")
    elif scope.value("secure_link_md5") is None:
        return
    else:
        made.link = making.expression(nearest.value)
        made.text = making.expression(scope.value("secure_link_md5"))
    (<Verdict> making.slots["secure_link"]).here[location] = made
