"""Fairness between connections: who opens a thousand streams holds up others as who opens ten.

Of each connection ten streams are served at a time, and ten are begun in one turn of the loop, as
long as there is anything else to do. Whenever a turn brings nothing, the worker has time to spare
and ten more are begun: a client that waits for slow upstreams has all of its streams under way in a
moment. One is begun in each turn in any case, so that streams which last for ever hold up nobody.

Of those that wait the most urgent is next (RFC 9218 §4.1), then who came first.
"""

from forkproxy.net.poller cimport poller
from forkproxy.wire.h2_stream cimport H2Stream

from collections import deque

DEF SHARE = 10              # streams of a connection that are served at a time
DEF LANES = 8               # of urgency


cdef class Turns:

    cdef int come(self, H2Stream stream) except -1:
        if self.turn != poller.now:
            self.turn = poller.now
            self.begun = 0
        if self.waiting == 0 and self.begun < SHARE and self.serving() < SHARE:
            self.begun += 1
            return self.serve(stream)
        if self.lanes is None:
            self.lanes = [deque() for _ in range(LANES)]
        self.lanes[stream.urgency].append(stream)
        self.waiting += 1
        if self.waiting == 1:
            self.heard = -1
            poller.flush_soon(self)
        return 0

    cdef void flush(self) noexcept:
        cdef int most = SHARE
        if self.heard != poller.heard:
            most = max(1, SHARE - self.serving())
            self.heard = poller.heard
        try:
            self._serve_some(most)
            if self.waiting:
                poller.flush_soon(self)
            else:
                self.lanes = None
        except Exception as error:
            poller.report("unhandled in an HTTP/2 connection", error)

    cdef int _serve_some(self, int most) except -1:
        cdef int _one
        for _one in range(min(most, self.waiting)):
            self.serve(self._next())
        return 0

    cdef H2Stream _next(self):
        self.waiting -= 1
        for lane in self.lanes:
            if lane:
                return <H2Stream> lane.popleft()

    cdef int serving(self) noexcept:
        return 0

    cdef int serve(self, H2Stream stream) except -1:
        return 0
