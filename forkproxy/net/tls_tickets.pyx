"""The keys of session tickets (RFC 5077 §4, RFC 8446 §4.6.1): given in files, or our own, renewed.

Our own keys need no shared memory and no message between the workers. The master draws a secret
before it forks; each process makes the keys of this period out of it, and the next secret out of
the last by a hash. So all workers have the same keys at the same time, one that is forked later
catches up, and a secret that leaks opens no ticket older than the period before.
"""

import hashlib
import secrets

from forkproxy.clock cimport wall

NAME_OCTETS = 16
SIZES = (48, 80)            # AES-128 and AES-256; the sizes that nginx takes

# Since when periods are counted: a new master's first key is good for about a whole one.
cdef double began = wall()


cdef class TicketKeys:

    def __init__(self, double period=300.0, given=()):
        """Make keys that change each `period` seconds, or take those given, the first to seal.

        Raises ValueError where a given one has neither 48 nor 80 octets.
        """
        self.keys = [bytes(key) for key in given]
        for key in self.keys:
            if len(key) not in SIZES:
                raise ValueError(f"a ticket key has 48 or 80 octets, not {len(key)}")
        if self.keys:
            return
        self.period = max(1.0, period)
        self.secret = secrets.token_bytes(32)
        self.epoch = <long> ((wall() - began) / self.period)
        self.keys = [_key(self.secret)]

    cdef int refresh(self) except -1:
        """Go on to the keys of this moment."""
        cdef long epoch
        if self.period == 0.0:
            return 0
        epoch = <long> ((wall() - began) / self.period)
        while self.epoch < epoch:
            self.epoch += 1
            self.secret = hashlib.sha256(b"next" + self.secret).digest()
            self.keys = [_key(self.secret), self.keys[0]]
        return 0

    cdef bytes newest(self):
        """The key to seal with."""
        self.refresh()
        return <bytes> self.keys[0]

    cdef bytes named(self, bytes name):
        """The key that a ticket was sealed with, by its name; None where it is gone."""
        self.refresh()
        for key in self.keys:
            if (<bytes> key).startswith(name):
                return <bytes> key
        return None

    def names(self):
        """Return the names of the keys that open tickets now, the one that seals first."""
        self.refresh()
        return [key[:NAME_OCTETS] for key in self.keys]


cdef bytes _key(bytes secret):
    """Name, MAC key and cipher key of AES-256, out of a secret that does not show through them."""
    return (hashlib.sha256(b"name" + secret).digest()[:NAME_OCTETS]
            + hashlib.sha256(b"mac" + secret).digest()
            + hashlib.sha256(b"cipher" + secret).digest())


# By name, in the master: the next generation goes on with the keys of the last.
cdef dict kept = {}


def shared_keys(str name not None, double period):
    """Return the keys of a name: the same ones in each generation of one period."""
    cdef TicketKeys found = kept.get((name, period))
    if found is None:
        found = kept[name, period] = TicketKeys(period)
    found.refresh()     # whoever is forked now inherits no secret older than need be
    return found
