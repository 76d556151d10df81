"""Storing a complete answer: the scribe's part of a fill."""

import os

from forkproxy.cache.decide cimport (
    HEAD_OMITTED, PURGED_MEANWHILE, STORED, STORE_BROKEN, STORE_FULL, TOO_MANY_PARTS,
    TOO_MANY_VARIANTS,
)

from forkproxy.cache.parts import TooManyPartsError
from forkproxy.cache.reasons import Reason
from forkproxy.cache.shelf import TooManyVariantsError
from forkproxy.errors import ForkproxyError
from forkproxy.shared.environment import FullError
from forkproxy.shared.errorlog import log


class HeadOmittedError(ForkproxyError):
    """The head of an answer to If-Range does not tell all, and there is nothing to add it to."""


class PurgedError(ForkproxyError):
    """A purge came while it was on its way."""


cdef class Storing(Job):

    cpdef object work(self, object shelf):
        self.check_purges()
        self.put(shelf, self.entry)
        return None

    cdef int check_purges(self) except -1:
        if self.cache.purges(self.number) != self.purges:
            raise PurgedError()
        return 0

    cdef int put(self, object shelf, bytes octets) except -1:
        if self.note is None:
            shelf.put(self.key, octets)
        else:
            shelf.put_variant(self.key, self.place, self.note, octets)
        return 0

    cpdef object done(self, object outcome):
        cdef int reason = _reason_of(outcome)
        self.cache.forget(self.place, self.entry)
        if self.note is not None:
            self.cache.forget(self.key, self.note)
        self.cache.refused(reason, self.key)
        if reason == STORED:
            self.cache.count_written(self.cause, self.length)
        else:
            self._gave_up(reason, outcome)
        if self.claimed:
            self.cache.claims.release(self.number)
        return None

    def _gave_up(self, int reason, outcome):
        if reason != PURGED_MEANWHILE and reason != HEAD_OMITTED:
            log.error(f"the cache {self.cache.name}: {outcome} ({Reason(reason).shown})")
        if self.path is not None:
            try:
                os.unlink(self.path)
            except OSError:
                pass

    def __repr__(self):
        return f"<storing of {self.key!r}>"


cdef int _reason_of(object outcome) noexcept:
    if outcome is None:
        return STORED
    if isinstance(outcome, PurgedError):
        return PURGED_MEANWHILE
    if isinstance(outcome, TooManyVariantsError):
        return TOO_MANY_VARIANTS
    if isinstance(outcome, TooManyPartsError):
        return TOO_MANY_PARTS
    if isinstance(outcome, HeadOmittedError):
        return HEAD_OMITTED
    if isinstance(outcome, FullError):
        return STORE_FULL
    return STORE_BROKEN
