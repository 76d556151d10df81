"""An include of a page: asked for ahead of its turn, where something else has to be sent before.

Its answer waits with its peer, and nothing of it is read, until the page has come to it.
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.subrequest cimport ask, end, subrequest
from forkproxy.net.delay cimport wait_at
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task, poller

from forkproxy.errors import ForkproxyError


cdef class Included(Task):

    cdef int ask_now(self) except -1:
        if self.gate is not None:
            return 0
        self.gate = Gate.__new__(Gate)
        # Who waits for the client to go is the one whose turn it is.
        self.inner.background = True
        self.inner.client.local_address()
        return poller.soon(self)

    cdef int run(self) except -1:
        try:
            self.answered = ask(self.inner)
        except Exception as error:
            self.failure = error        # whoever comes to it meets it there
        self.gate.open()
        if self.left:
            if self.failure is None:
                end(self.inner)
            elif not isinstance(self.failure, ForkproxyError):
                raise self.failure
        return 0

    cdef Response answer(self):
        if self.gate is None:
            self.answered = ask(self.inner)
            return self.answered
        wait_at(self.inner.client.stream, self.gate)
        if self.failure is not None:
            raise self.failure
        return self.answered

    cdef int leave(self) except -1:
        self.left = True
        if self.answered is not None:
            end(self.inner)
        return 0

    def __repr__(self):
        return f"<include of {self.inner.uri.decode(errors='replace')}>"


cdef Included included(Exchange page, bytes path, bytes args, bytes command):
    cdef Included made = Included.__new__(Included)
    made.inner = subrequest(page, path, args)
    made.command = command
    return made
