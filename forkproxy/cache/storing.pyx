"""Storing a complete answer: the scribe's part of a fill."""

import os

from forkproxy.cache.decide cimport (
    PURGED_MEANWHILE, STORED, STORE_BROKEN, STORE_FULL, TOO_MANY_VARIANTS,
)

from forkproxy.cache.reasons import Reason
from forkproxy.cache.shelf import TooManyVariantsError
from forkproxy.errors import ForkproxyError
from forkproxy.shared.errorlog import log
from forkproxy.shared.store import FullError


class PurgedError(ForkproxyError):
    """A purge came while it was on its way."""


cdef class Storing(Job):

    cpdef object work(self, object shelf):
        if self.cache.purges(self.number) != self.purges:
            raise PurgedError()
        if self.note is None:
            shelf.put(self.key, self.entry)
        else:
            shelf.put_variant(self.key, self.place, self.note, self.entry)
        return None

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
        if reason != PURGED_MEANWHILE:
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
    if isinstance(outcome, FullError):
        return STORE_FULL
    return STORE_BROKEN
