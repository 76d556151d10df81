"""Two streams, both directions, half-closes respected: tunnels, once their heads are done."""

from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task, poller
from forkproxy.net.stream cimport Stream


cdef class Direction(Task):
    """What one side says, brought to the other."""

    cdef Stream source
    cdef Stream sink
    cdef double limit
    cdef Gate ended
    cdef object failure

    cdef int run(self) except -1:
        try:
            self.carry()
        except Exception as error:
            self.failure = error
            # The other direction has nobody to talk to any more.
            self.source.abandon()
            self.sink.abandon()
        finally:
            self.ended.open()
        return 0

    cdef int carry(self) except -1:
        cdef Buffer buffer = None
        cdef Py_ssize_t count
        try:
            while True:
                # No buffer is held while nothing is there: an idle tunnel costs two greenlets.
                self.source.wait_readable()
                buffer = lend_large()
                count = self.source.try_recv(buffer.data, buffer.size)
                if count > 0:
                    self.source.read_by = self.sink.read_by = poller.now + self.limit
                    self.sink.send_all(buffer.data, count)
                give_back(buffer)
                buffer = None
                if count == 0:
                    self.sink.shut()
                    return 0
        finally:
            give_back(buffer)


cdef Direction _direction(Stream source, Stream sink, double limit):
    cdef Direction made = Direction.__new__(Direction)
    made.source = source
    made.sink = sink
    made.limit = limit
    made.ended = Gate.__new__(Gate)
    return made


cdef int relay(Stream one, Stream other, double limit) except -1:
    cdef Direction back = _direction(other, one, limit)
    cdef Direction forth = _direction(one, other, limit)
    one.read_limit = other.read_limit = 0.0
    one.write_limit = other.write_limit = limit
    one.read_by = other.read_by = poller.now + limit
    poller.soon(back)
    forth.run()
    back.ended.wait()
    if forth.failure is not None:
        raise forth.failure
    if back.failure is not None:
        raise back.failure
    return 0
