"""A head and the file behind it, in the same segments.

A head that is sent by itself is a segment by itself: the client is woken for it, answers it, and
has nothing to do yet. tcp_nopush is for this in nginx, at the price of two system calls; a flag on
the one that sends the head costs nothing.
"""

from libc.errno cimport EAGAIN, EINTR, errno

import os

from forkproxy.net.stream cimport Stream

cdef extern from "<sys/socket.h>" nogil:
    Py_ssize_t c_send "send" (int fd, const void* octets, size_t count, int flags)
    int MSG_NOSIGNAL
    int MSG_MORE


cdef Py_ssize_t try_send_front(Stream stream, const char* octets, Py_ssize_t length) except -1:
    cdef Py_ssize_t went
    if not stream.deliver() or not stream.writable:
        return 0
    while True:
        went = c_send(stream.fd, octets, length, MSG_NOSIGNAL | MSG_MORE)
        if went >= 0:
            break
        if errno == EAGAIN:
            stream.writable = False
            return 0
        if errno != EINTR:
            stream.broken = True
            raise OSError(errno, os.strerror(errno))
    if went < length:
        stream.writable = False
    stream.sent += went
    return went
