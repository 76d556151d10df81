"""Fills of this process that others follow: shown in files, and only where somebody waits for them.

Who waits for another process calls it, by a word of shared memory. As long as answers are under way
here, one greenlet looks whether somebody has called; then the head of the answer goes into a file
of its own, and its content into the file that it would be stored in were it large.
"""

import os
import struct

from forkproxy.cache.growing cimport BROKEN_FILE, WHOLE_FILE
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task, poller

from forkproxy.shared.errorlog import log

DEF LOOK = 0.01                 # seconds between two looks

# Of a head's file: length and start of the content, and length of the place.
FRONT = struct.Struct("<qqH")

cdef list open_showings = []


cdef class Head:
    pass


cdef class Showing:

    cdef Head head(self):
        raise NotImplementedError

    cdef int look(self) except -1:
        if self.zone.claims.called(self.number):
            try:
                self._show()
            except OSError as error:
                log.error(f"the cache {self.zone.name}: {error.strerror}, not shown to others")
                self.end(False)
        return 0

    cdef int _show(self) except -1:
        cdef str path = head_path(self.zone, os.getpid(), self.number)
        cdef Head head = self.head()
        self.content.file()
        with open(path + ".new", "xb", opener=_private) as file:
            file.write(FRONT.pack(head.length, head.start, len(head.place)))
            file.write(head.place + head.entry)
        os.rename(path + ".new", path)
        self.path = path
        return 0

    cdef void end(self, bint whole) noexcept:
        self.over = True
        self.content.close(WHOLE_FILE if whole else BROKEN_FILE)
        if self.path is not None:
            try:
                os.unlink(self.path)
            except OSError:
                pass
            self.path = None


cdef class Attendant(Task):
    """Looks whether somebody has called, as long as there is something to show."""

    cdef int run(self) except -1:
        cdef Gate gate
        cdef Showing showing
        cdef list left
        while open_showings:
            gate = Gate.__new__(Gate)
            gate.wait_for(LOOK)
            left = []
            for showing in open_showings:
                if not showing.over and showing.path is None:
                    showing.look()
                if not showing.over and showing.path is None:
                    left.append(showing)
            open_showings[:] = left
        return 0

    def __repr__(self):
        return "<who shows fills to other processes>"


cdef int ready_to_show(Showing showing) except -1:
    showing.look()
    if showing.over or showing.path is not None:
        return 0
    open_showings.append(showing)
    if len(open_showings) == 1:
        poller.soon(Attendant.__new__(Attendant))
    return 0


cdef str head_path(Zone zone, int pid, uint64_t number):
    return f"{zone.bodies}/.{pid}-head-{number:x}"


def _private(path, flags):
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


cdef Head read_head(str path):
    cdef Head made = Head.__new__(Head)
    with open(path, "rb") as file:
        octets = file.read()
    if len(octets) < FRONT.size:
        return None
    made.length, made.start, place = FRONT.unpack_from(octets)
    made.place = octets[FRONT.size:FRONT.size + place]
    made.entry = octets[FRONT.size + place:]
    return made
