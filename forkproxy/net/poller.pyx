"""Readiness of descriptors, and the greenlets that wait for it.

gevent's loop restarts a watcher for each wait, which costs an epoll_ctl each time, and reaches a
greenlet through three Python calls. Here each descriptor is added once, edge-triggered, to an
epoll set of our own; that set is the one descriptor gevent's loop watches. So all of gevent works
beside it, and a request costs no system call but its own recv and send.

A greenlet that waits is a raw greenlet whose parent is the hub. The greenlets are kept and reused
(`Runner`): an idle connection has none.
"""

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.errno cimport EINTR, errno
from libc.stdlib cimport realloc
from libc.string cimport memset
from posix.unistd cimport close

import gevent
import gevent.hub

from forkproxy.clock cimport monotonic
from forkproxy.net.greenlets cimport (
    PyGreenlet_GetCurrent, PyGreenlet_Import, PyGreenlet_New, PyGreenlet_Switch, greenlet,
)
from forkproxy.net.turns cimport next_turn

cdef extern from "<sys/epoll.h>" nogil:
    int EPOLL_CLOEXEC
    int EPOLL_CTL_ADD
    int EPOLL_CTL_DEL
    ctypedef union epoll_data_t:
        int fd
    cdef struct epoll_event:
        unsigned int events
        epoll_data_t data
    int epoll_create1(int flags)
    int epoll_ctl(int epfd, int op, int fd, epoll_event* event)
    int epoll_wait(int epfd, epoll_event* events, int most, int timeout)

PyGreenlet_Import()

DEF MOST = 256                  # events taken from the kernel at once
DEF ROUNDS = 8                  # how often in a row before gevent's loop gets its turn
DEF MOST_POSTS = 32             # streams that wait for the end of a turn
DEF KEPT_RUNNERS = 512          # greenlets kept for the next task
TICK = 0.1                      # seconds between two looks at the deadlines

# Which Watch a descriptor belongs to, by number. Not the pointer in the event itself: a Watch may
# be closed, and its number given to another, by what an earlier event of the same batch set off.
# A stale event then reaches the new owner, as a hint that turns out to be wrong.
cdef PyObject** watches = NULL
cdef int watches_size = 0
cdef epoll_event events[MOST]


cdef class Flush:

    cdef void flush(self) noexcept:
        pass


cdef class Watch(Flush):

    def __cinit__(self):
        self.fd = -1

    cdef void ready(self, unsigned int events) noexcept:
        pass

    cdef void tick(self, double now) noexcept:
        pass


cdef class Task:

    cdef int run(self) except -1:
        raise NotImplementedError

    def __repr__(self):
        return f"<{type(self).__name__}>"


cdef class Lease:

    cdef void end(self) noexcept:
        pass


cdef class Call(Task):
    """A Python callable as a task."""

    cdef object function
    cdef tuple arguments

    cdef int run(self) except -1:
        self.function(*self.arguments)
        return 0

    def __repr__(self):
        return f"<{getattr(self.function, '__qualname__', self.function)}>"


cdef class Runner:
    """A greenlet that runs one task after another."""

    cdef greenlet greenlet
    cdef readonly Task task

    def __call__(self):
        cdef Task task
        while True:
            task = self.task
            try:
                task.run()
            except BaseException as error:      # a bug in one task must not end the worker
                poller.report(f"unhandled in {task!r}", error)
            task = None
            self.task = None
            if poller.woken:
                # Nobody has to switch to the hub and back for the next one.
                if poller.lease is not None:
                    poller.lend(None)
                self.task = <Task> poller.woken.pop()
                continue
            if len(poller.idle_runners) >= KEPT_RUNNERS:
                poller.runners -= 1
                return
            poller.idle_runners.append(self)
            poller.switch_out()


cdef greenlet current():
    return PyGreenlet_GetCurrent()


cdef class Poller:

    def __cinit__(self):
        self.epoll = -1
        self.idle_runners = []
        self.waiting_tasks = []
        self.woken = []
        self.flushes = []
        self.asked_flushes = []
        self.posts = []
        self.report = _print_error

    def open(self):
        """Join gevent's loop in this process; after the fork, and once."""
        if self.epoll >= 0:
            return
        self.epoll = epoll_create1(EPOLL_CLOEXEC)
        if self.epoll < 0:
            raise OSError(errno, "epoll_create1")
        hub = gevent.hub.get_hub()
        self.hub = hub
        self.loop = hub.loop
        self.now = monotonic()
        self.watcher = self.loop.io(self.epoll, 1)
        self.watcher.start(self._turn)
        self.timer = self.loop.timer(TICK, TICK)
        self.timer.start(self._tick)

    def close(self):
        """Leave gevent's loop; what still waits is never woken."""
        if self.epoll >= 0:
            self.watcher.stop()
            self.watcher.close()
            self.timer.stop()
            self.timer.close()
            close(self.epoll)
            self.epoll = -1

    def at_turn_end(self, flush):
        """Call `flush()` whenever a turn that did anything has ended; it must not wait.

        Who asks twice is called once.
        """
        if flush not in self.flushes:
            self.flushes.append(flush)

    def report_to(self, report):
        """Send what a task did not catch to `report(text, error)`."""
        self.report = report

    def spawn(self, function, *arguments):
        """Run `function` in a greenlet of its own, in the next turn."""
        cdef Call call = Call.__new__(Call)
        call.function = function
        call.arguments = arguments
        self.soon(call)

    cdef int add(self, Watch watch, unsigned int wanted) except -1:
        global watches, watches_size
        cdef epoll_event event
        cdef PyObject** larger
        cdef int size
        if watch.fd >= watches_size:
            size = max(1024, watches_size)
            while size <= watch.fd:
                size *= 2
            larger = <PyObject**> realloc(watches, size * sizeof(PyObject*))
            if larger == NULL:
                raise MemoryError()
            memset(larger + watches_size, 0, (size - watches_size) * sizeof(PyObject*))
            watches = larger
            watches_size = size
        event.events = wanted
        event.data.fd = watch.fd
        if epoll_ctl(self.epoll, EPOLL_CTL_ADD, watch.fd, &event) < 0:
            raise OSError(errno, "epoll_ctl")
        Py_INCREF(watch)
        watches[watch.fd] = <PyObject*> watch
        watch.registered = True
        return 0

    cdef void remove(self, Watch watch) noexcept:
        """Forget a watch. The caller closes the descriptor, which takes it out of the set."""
        if not watch.registered:
            return
        watch.registered = False
        watches[watch.fd] = NULL
        Py_DECREF(watch)

    def forget(self, Watch watch not None):
        """Take a watch out of the set and leave its descriptor open."""
        cdef epoll_event event
        if watch.registered:
            epoll_ctl(self.epoll, EPOLL_CTL_DEL, watch.fd, &event)
            self.remove(watch)

    cdef int start(self, Task task) except -1:
        cdef Runner runner
        if self.idle_runners:
            runner = <Runner> self.idle_runners.pop()
        else:
            runner = Runner.__new__(Runner)
            runner.greenlet = PyGreenlet_New(runner, self.hub)
            self.runners += 1
        runner.task = task
        self.resume(runner.greenlet)
        return 0

    cdef void wake(self, Task task) noexcept:
        self.woken.append(task)

    cdef int soon(self, Task task) except -1:
        self.waiting_tasks.append(task)
        if not self.turn_asked:
            self.turn_asked = True
            self.loop.run_callback(self._start_waiting)
        return 0

    def _start_waiting(self):
        self.turn_asked = False
        self.turning = True
        self.now = monotonic()
        tasks = self.waiting_tasks
        self.waiting_tasks = []
        for task in tasks:
            self._begin(<Task> task)
        self._flush()

    cdef int _start_woken(self) except -1:
        """Run the tasks of this turn, all in one greenlet as long as none of them waits."""
        self.woken.reverse()
        while self.woken:
            self._begin(<Task> self.woken.pop())
        return 0

    cdef int _begin(self, Task task) except -1:
        """Start a task. gevent would watch our descriptors no more if anything were raised here."""
        try:
            self.start(task)
        except Exception as error:
            self.report(f"{task!r} cannot be started", error)
        return 0

    cdef void lend(self, Lease lease) noexcept:
        """Let a lease end at the next switch; one that is still held ends now."""
        cdef Lease former = self.lease
        self.lease = lease
        if former is not None and former is not lease:
            former.end()

    cdef int switch_out(self) except -1:
        if self.lease is not None:
            self.lend(None)
        PyGreenlet_Switch(self.hub, NULL, NULL)
        return 0

    cdef void resume(self, greenlet g) noexcept:
        try:
            PyGreenlet_Switch(g, NULL, NULL)
        except BaseException as error:
            self.report("unhandled in a greenlet", error)

    def _turn(self):
        """Take what the kernel has to say, and run who waited for it. In the hub."""
        cdef int count, index, _round
        cdef Watch watch
        cdef PyObject* found
        for _round in range(ROUNDS):
            count = epoll_wait(self.epoll, events, MOST, 0)
            if count <= 0:
                if count < 0 and errno != EINTR:
                    raise OSError(errno, "epoll_wait")
                break
            self.now = monotonic()
            if _round:
                next_turn(self.now)
            self.heard += count
            self.turning = True
            for index in range(count):
                found = watches[events[index].data.fd]
                if found != NULL:
                    watch = <Watch> found
                    watch.ready(events[index].events)
            watch = None
            if self.woken:
                self._start_woken()
            self._flush()
        if self.waiting_tasks:
            self._start_waiting()

    cdef int flush_soon(self, Flush flush) except -1:
        self.asked_flushes.append(flush)
        return self._ask_turn()

    cdef int post(self, Flush flush) except -1:
        # Not all of a large turn at once: who is served first is not to wait for the last.
        if len(self.posts) >= MOST_POSTS:
            self.deliver()
        self.posts.append(flush)
        return self._ask_turn()

    cdef void deliver(self) noexcept:
        cdef list posts = self.posts
        self.posts = []
        for flush in posts:
            (<Flush> flush).flush()

    cdef int _ask_turn(self) except -1:
        """Where nothing runs that ends in a flush, let one come."""
        if not self.turning and not self.turn_asked:
            self.turn_asked = True
            self.loop.run_callback(self._start_waiting)
        return 0

    cdef int _flush(self) except -1:
        """The turn is over. What is asked for meanwhile is for the next one."""
        cdef list asked
        if self.asked_flushes:
            asked = self.asked_flushes
            self.asked_flushes = []
            for flush in asked:
                (<Flush> flush).flush()
        for called in self.flushes:
            try:
                called()
            except Exception as error:      # as above: the next turn must come
                self.report("unhandled at the end of a turn", error)
        if self.posts:
            self.deliver()
        self.turning = False
        if self.asked_flushes and not self.turn_asked:
            self.turn_asked = True
            self.loop.run_callback(self._start_waiting)
        return 0

    def _tick(self):
        """Let every watch look at its deadline."""
        cdef int fd
        cdef Watch watch
        self.now = monotonic()
        self.turning = True
        for fd in range(watches_size):
            if watches[fd] != NULL:
                watch = <Watch> watches[fd]
                watch.tick(self.now)
        watch = None
        self._flush()


def _print_error(text, error):
    import traceback
    traceback.print_exception(error)


cdef Poller poller = Poller()
poller_object = poller
