"""Keys of the store: what makes two requests the same (RFC 9111 §2, §4.1).

A key is the text of proxy_cache_key as it is, so that those of one prefix lie side by side; only
what LMDB's 511 octets cannot hold is shortened. Where answers vary, the key itself has a note by
which fields, and each variant lies under the key, a NUL and a digest of these fields' values.
"""

import hashlib

from cpython.bytes cimport PyBytes_GET_SIZE

from forkproxy.wire.fields cimport Fields
from forkproxy.wire.freshness cimport without_space

DEF LONGEST = 440           # of a key; with a variant's digest it stays below LMDB's limit
DEF DIGEST = 16
MARK = b"\0"
DEF MOST_SPECS = 4

# Lists whose order says nothing but preference by "q", and whose case says nothing.
cdef frozenset TOKENS = frozenset((
    b"accept-encoding", b"accept-language", b"accept-charset", b"accept"))


cdef bytes store_key(bytes text):
    if b"\0" in text:
        text = text.replace(b"\0", b"%00")
    if PyBytes_GET_SIZE(text) <= LONGEST:
        return text
    digest = hashlib.blake2b(text, digest_size=DIGEST).hexdigest().encode()
    return text[:LONGEST - 2 * DIGEST - 1] + b"\x01" + digest


cdef bytes variant_key(bytes key, bytes spec, Fields asked, bint normalise):
    cdef list values = [spec]
    cdef bytes value
    for name in spec.split(b","):
        value = asked.joined(<bytes> name)
        if value is None:
            values.append(b"-")
        else:
            value = without_space(value)
            if normalise and name in TOKENS:
                value = _ordered(value)
            values.append(b"=" + value)
    return key + MARK + hashlib.blake2b(b"\n".join(values), digest_size=DIGEST).digest()


cdef bytes _ordered(bytes value):
    """A list of tokens, in lower case and in one order: which comes first says nothing."""
    return b",".join(sorted([b"".join(one.split()) for one in value.lower().split(b",")]))


def stored_under(bytes text not None):
    """Return the key in the store of a text of proxy_cache_key."""
    return store_key(text)


def family(bytes key not None):
    """Return what the keys of all variants of a key begin with."""
    return key + MARK


def specs(bytes vary not None):
    """Return the sets of field names, each joined by ",", that a note says answers vary by."""
    return vary.split(b"\n") if vary else []


def with_spec(bytes vary not None, bytes spec not None):
    """Return a note with one set more, the newest first; old ones are forgotten."""
    others = [one for one in vary.split(b"\n") if one and one != spec]
    return b"\n".join([spec, *others][:MOST_SPECS])
