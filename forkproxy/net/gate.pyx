"""One greenlet waits for what another does, without a clock and without a lock."""

from forkproxy.net.greenlets cimport greenlet
from forkproxy.net.poller cimport current, poller


cdef class Gate:

    cdef int wait(self) except -1:
        while not self.passed:
            self.waiting = current()
            poller.switch_out()
        return 0

    cdef bint wait_for(self, double seconds) except -1:
        if seconds <= 0.0:
            self.wait()
        elif not self.passed:
            timer = poller.loop.timer(seconds)
            timer.start(self._resume)
            self.waiting = current()
            try:
                poller.switch_out()
            finally:
                self.waiting = None
                timer.stop()
                timer.close()
        return self.passed

    cdef void open(self) noexcept:
        self.passed = True
        if self.waiting is not None:
            poller.loop.run_callback(self._resume)

    cdef void open_now(self) noexcept:
        self.passed = True
        self._go_on()

    def _resume(self):
        self._go_on()

    cdef void _go_on(self) noexcept:
        cdef greenlet waiting = self.waiting
        self.waiting = None
        if waiting is not None:
            poller.resume(waiting)
