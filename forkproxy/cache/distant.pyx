"""Following a fill of another process: its octets are read from the file that it shows.

However many wait here, one greenlet looks at the file: its size says what has come, its mode how it
ended. Where the filler dies the answer ends too early here as well, and no client takes it for
whole; so does one whose filler lives and gave up.
"""

import contextlib
import os

from libc.errno cimport ESRCH, errno
from posix.signal cimport kill

from forkproxy.cache.entry cimport KEY, VARY as VARY_PART, Entry, Mark, entry_of
from forkproxy.cache.fill cimport COMES, FAILED, WHOLE, Fill
from forkproxy.cache.growing cimport GROWS, WHOLE_FILE, Growing, growing_elsewhere
from forkproxy.cache.showing cimport Head, head_path, read_head
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport Zone
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller

from forkproxy.errors import PeerError

DEF LOOK_AGAIN = 0.005          # seconds between two looks, while something comes
DEF LOOK_SELDOM = 0.02
DEF MODE = 0o777


cdef class DistantFill(Fill):

    cdef int run(self) except -1:
        cdef Gate gate
        cdef double step = LOOK_AGAIN
        cdef bint lives
        try:
            while self.stage == COMES and (self.followers or self.gates):
                gate = Gate.__new__(Gate)
                gate.wait_for(step)
                # In this order: what it wrote before it died is seen.
                lives = not (kill(self.filler, 0) < 0 and errno == ESRCH)
                if self._look():
                    self.moved_at = poller.now
                    step = LOOK_AGAIN
                    self._tell()
                else:
                    step = min(LOOK_SELDOM, 1.5 * step)
                if self.stage == COMES and not lives:
                    self._cut("the process that filled the cache died")
                    self._tidy_up()
        finally:
            self._leave_fills()
            self._tell()
        return 0

    cdef int _look(self) except -1:
        """Take in what has come; return whether anything has."""
        cdef Growing content = self.content
        cdef object found = os.fstat(content.fd)
        cdef long long there = max(0, found.st_size - content.front)
        cdef int mode = found.st_mode & MODE
        cdef bint more = there > content.length
        content.in_file = content.length = there
        if mode == WHOLE_FILE:
            self.stage = WHOLE
        elif mode != GROWS:
            self._cut("the answer that another process stores ended too early")
        return more

    def _cut(self, reason):
        self.failure = PeerError(reason, sent=True)
        self.stage = FAILED

    def _tidy_up(self):
        """Delete what a dead process has left of this fill."""
        self.content.forget_file()
        with contextlib.suppress(OSError):
            os.unlink(head_path(self.zone, self.filler, self.number))

    def __repr__(self):
        return f"<fill of {self.key!r} by process {self.filler}>"


cdef Fill follow_elsewhere(Visit visit):
    cdef Zone zone = visit.zone
    cdef int filler = zone.claims.holder(visit.number)
    cdef DistantFill made
    if filler == 0:
        return None
    zone.claims.call(visit.number)
    try:
        made = _shown(visit, head_path(zone, filler, visit.number), filler)
    except OSError:
        return None         # nothing is shown yet, or nothing any more
    if made is not None:
        zone.fills[visit.key] = made
        poller.soon(made)
    return made


cdef DistantFill _shown(Visit visit, str path, int filler):
    cdef Head head = read_head(path)
    cdef Entry entry = None if head is None else entry_of(head.entry)
    cdef DistantFill made
    if entry is None or entry.part(KEY) != visit.key:
        return None
    made = DistantFill.__new__(DistantFill)
    made.zone = visit.zone
    made.key = visit.key
    made.place = head.place
    made.spec = entry.part(VARY_PART)
    made.number = visit.number
    made.known = made.framed = True
    made.filler = filler
    made.mark = entry.mark
    made.rest = head.entry[sizeof(Mark):]
    made.declared = head.length
    made.content = growing_elsewhere(f"{visit.zone.bodies}/.{filler}-{entry.identity:x}")
    if head.start >= 0:
        made.partial = True
        made.content.front = made.part.start = head.start
        made.part.stop = head.start + head.length
        made.part.total = entry.mark.length
    made.moved_at = poller.now
    made.stage = COMES
    made._look()
    return made
