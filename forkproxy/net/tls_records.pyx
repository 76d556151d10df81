"""The octets of a TLS connection: records that are read and written as any Stream.

OpenSSL reads and writes by a BIO of our own. Reading, it learns from a short read that the kernel
has no more, which saves a system call for each request. Writing, it only appends to a buffer that
all streams share; when a call of OpenSSL is done, what is there goes out at once: a large write is
several records and one system call. What the kernel does not take is kept by the stream.
"""

from libc.errno cimport EAGAIN, EINTR, EPROTO, errno
from libc.string cimport memcpy
from posix.uio cimport iovec

import os

from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.openssl cimport *
from forkproxy.net.stream cimport Stream
from forkproxy.net.tls_certificate cimport trouble
from forkproxy.net.tls_context cimport TlsContext

cdef extern from "<sys/socket.h>" nogil:
    int MSG_NOSIGNAL
    Py_ssize_t c_recv "recv" (int fd, void* into, size_t length, int flags)
    Py_ssize_t c_send "send" (int fd, const void* octets, size_t length, int flags)

DEF RECORD = 16384              # octets of plain text in the largest record
DEF AT_ONCE = 65536             # octets of plain text that are sealed before they are sent

# What OpenSSL writes while one of its functions runs. Empty whenever a greenlet may switch.
cdef Buffer sealed = Buffer(AT_ONCE + 8 * 1024)
# Pieces of plain text that are to be one record.
cdef char gathered[RECORD]


class TlsFailed(OSError):
    """A handshake, or a record, that was none; `reason` is OpenSSL's number for why, or 0."""

    reason = 0


# The BIO.

cdef int bio_read(BIO* bio, char* into, int room) noexcept:
    cdef TlsRecords stream = <TlsRecords> BIO_get_data(bio)
    cdef Py_ssize_t count
    BIO_clear_retry_flags(bio)
    if stream.drained:
        BIO_set_retry_read(bio)
        return -1
    while True:
        count = c_recv(stream.fd, into, room, 0)
        if count >= 0:
            break
        if errno == EAGAIN:
            stream.drained = True
            BIO_set_retry_read(bio)
            return -1
        if errno != EINTR:
            return -1
    if 0 < count < room and not stream.hung_up:
        stream.drained = True       # as Stream.try_recv: the next octets are a new edge
    return <int> count


cdef int bio_write(BIO* bio, const char* octets, int length) noexcept:
    if sealed.room() < length:
        try:
            sealed.grow(2 * sealed.size + length)
        except MemoryError:
            return -1
    memcpy(sealed.data + sealed.end, octets, length)
    sealed.end += length
    return length


cdef long bio_control(BIO* bio, int what, long number, void* pointer) noexcept:
    return 1 if what == BIO_CTRL_FLUSH else 0


cdef BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "forkproxy")
BIO_meth_set_read(method, bio_read)
BIO_meth_set_write(method, bio_write)
BIO_meth_set_ctrl(method, bio_control)

cdef int stream_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL)


cdef class TlsRecords(Stream):

    cdef void ready(self, unsigned int events) noexcept:
        self.drained = False
        Stream.ready(self, events)

    cdef int _begin(self, TlsContext context) except -1:
        cdef BIO* bio
        self.context = context
        self.ssl = SSL_new(context.ctx)
        bio = BIO_new(method)
        if self.ssl == NULL or bio == NULL:
            raise MemoryError()
        BIO_set_data(bio, <void*> self)
        BIO_set_init(bio, 1)
        SSL_set_bio(self.ssl, bio, bio)
        SSL_set_ex_data(self.ssl, stream_index, <void*> self)
        return 0

    cdef object _error(self, int returned, str call):
        """What a call of OpenSSL that failed is raised as."""
        cdef int error = SSL_get_error(self.ssl, returned)
        cdef int code = errno
        if self.failure is not None:
            failure = self.failure
            self.failure = None
            if isinstance(failure, OSError):
                return failure
            return TlsFailed(EPROTO, f"{call}() failed: {failure}")
        if error == SSL_ERROR_SYSCALL and ERR_peek_error() == 0:
            if code and code != EAGAIN:
                return OSError(code, os.strerror(code))
            return TlsFailed(EPROTO, "peer closed connection in SSL handshake")
        reason = ERR_GET_REASON(ERR_peek_error())
        failed = TlsFailed(EPROTO, f"{call}() failed{trouble()}")
        failed.reason = reason
        return failed

    # Reading.

    cdef Py_ssize_t try_recv(self, char* into, Py_ssize_t room) except? -3:
        cdef int count
        if self.ssl == NULL:
            return Stream.try_recv(self, into, room)
        if not self.readable:
            return -2
        ERR_clear_error()
        count = SSL_read(self.ssl, into, <int> min(room, AT_ONCE))
        if count > 0:
            self.received += count
            self.readable = not self.drained or SSL_has_pending(self.ssl)
            if sealed.end:
                self._push()
            return count
        return self._nothing_read(count)

    cdef Py_ssize_t _nothing_read(self, int returned) except -3:
        """Why a read gave nothing: -2 for nothing now, 0 for the end."""
        cdef int error = SSL_get_error(self.ssl, returned)
        cdef int code = errno
        cdef unsigned long reason = ERR_peek_error()
        if error == SSL_ERROR_WANT_READ or error == SSL_ERROR_WANT_WRITE:
            self.readable = not self.drained
            if sealed.end:
                self._push()
            return -2
        if error == SSL_ERROR_ZERO_RETURN:
            return 0
        if error == SSL_ERROR_SSL and ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING:
            ERR_clear_error()
            return 0
        if error == SSL_ERROR_SYSCALL and reason == 0:
            if returned == 0 or code == 0:
                return 0
            raise OSError(code, os.strerror(code))
        failed = self._error(returned, "SSL_read")
        try:
            self._push()
        except OSError:
            pass
        self.broken = True
        raise failed

    cdef bint quiet(self) except -1:
        """Whether there is nothing to read but what TLS says to itself (new session tickets)."""
        cdef char octet
        cdef int count
        if self.ssl == NULL:
            return Stream.quiet(self)
        if self.readable and not self.hung_up:
            ERR_clear_error()
            count = SSL_peek(self.ssl, &octet, 1)
            if count <= 0 and SSL_get_error(self.ssl, count) == SSL_ERROR_WANT_READ:
                self.readable = not self.drained
            if sealed.end:
                self._push()
        return not self.readable

    # Writing.

    cdef Py_ssize_t take(self, iovec* pieces, int count) except -1:
        cdef Py_ssize_t total = 0, done, batch
        cdef int index
        if self.ssl == NULL:
            return Stream.take(self, pieces, count)
        if not self.writable:
            return 0
        if self.pending is not None:
            self._push()
            if self.pending is not None:
                return 0
        for index in range(count):
            total += pieces[index].iov_len
        # What is owed went out just now; the caller says it once more, and does not know.
        done = min(total, self.owed)
        self.owed -= done
        while done < total:
            batch = self._seal(pieces, count, done, AT_ONCE)
            self._push()
            if self.pending is not None:
                self.owed = batch
                break
            done += batch
        self.sent += done
        return done

    cdef Py_ssize_t _seal(self, iovec* pieces, int count, Py_ssize_t skip,
                          Py_ssize_t most) except -1:
        """Make records of what follows the first `skip` octets; return how many are in them."""
        cdef Py_ssize_t record = self.context.record
        cdef Py_ssize_t batch = 0, filled, part
        cdef const char* octets
        cdef int index = 0, went
        while index < count and skip >= <Py_ssize_t> pieces[index].iov_len:
            skip -= pieces[index].iov_len
            index += 1
        while index < count and batch < most:
            part = pieces[index].iov_len - skip
            octets = <const char*> pieces[index].iov_base + skip
            if part >= record or index == count - 1:
                filled = min(part, record)
                skip += filled
            else:
                # Short pieces share a record: head and body are one.
                filled = 0
                while index < count and filled < record:
                    part = min(<Py_ssize_t> pieces[index].iov_len - skip, record - filled)
                    memcpy(gathered + filled, <const char*> pieces[index].iov_base + skip, part)
                    filled += part
                    skip += part
                    if skip == <Py_ssize_t> pieces[index].iov_len:
                        skip = 0
                        index += 1
                octets = gathered
            ERR_clear_error()
            went = SSL_write(self.ssl, octets, <int> filled)
            if went != filled:
                failed = self._error(went, "SSL_write")
                sealed.start = sealed.end = 0
                self.broken = True
                raise failed
            batch += filled
            while index < count and skip >= <Py_ssize_t> pieces[index].iov_len:
                skip = 0
                index += 1
        return batch

    cdef int _push(self) except -1:
        """Send the records that are ready; keep what the kernel does not take."""
        cdef Buffer source = sealed
        cdef Py_ssize_t went
        if self.pending is not None:
            self._keep_pending(0)
            source = self.pending
        while source.start < source.end:
            went = c_send(self.fd, source.data + source.start, source.length(), MSG_NOSIGNAL)
            if went >= 0:
                source.start += went
                continue
            if errno == EINTR:
                continue
            if errno != EAGAIN:
                sealed.start = sealed.end = 0
                self.broken = True
                raise OSError(errno, os.strerror(errno))
            self.writable = False
            if source is sealed:
                self._keep_pending(sealed.start)
            return 0
        source.start = source.end = 0
        if self.pending is not None:
            give_back(self.pending)
            self.pending = None
        return 0

    cdef int _keep_pending(self, Py_ssize_t start) except -1:
        """Move what is in `sealed` to the stream's own buffer."""
        cdef Py_ssize_t length = sealed.end - start
        if length == 0:
            return 0
        if self.pending is None:
            self.pending = lend_large()
        if self.pending.room() < length:
            self.pending.compact()
            self.pending.grow(self.pending.end + length)
        memcpy(self.pending.data + self.pending.end, sealed.data + start, length)
        self.pending.end += length
        sealed.start = sealed.end = 0
        return 0

    cdef Py_ssize_t try_send_file(self, int fd, long long offset, Py_ssize_t count) except -1:
        """Files are read and sealed by whoever sends them: `plain` says so."""
        raise OSError(EPROTO, "sendfile() on a TLS connection")

    cdef bint plain(self) noexcept:
        return self.ssl == NULL

    # The end.

    cdef void _say_goodbye(self) noexcept:
        """Send close_notify, if it goes at once: nobody waits at the end."""
        self.flush()
        if (self.broken or self.pending is not None or self.owed
                or not SSL_is_init_finished(self.ssl)):
            return
        ERR_clear_error()
        SSL_shutdown(self.ssl)
        if sealed.end:
            c_send(self.fd, sealed.data, sealed.end, MSG_NOSIGNAL)
            sealed.start = sealed.end = 0

    def shut(self):
        """End our direction; the other side may still send."""
        if self.fd >= 0 and self.ssl != NULL:
            self._say_goodbye()
        Stream.shut(self)

    cpdef void close(self):
        """Close the socket. Whoever waits on it stops with OSError."""
        if self.fd < 0:
            return
        if self.ssl != NULL:
            self._say_goodbye()
        Stream.close(self)
        SSL_free(self.ssl)
        self.ssl = NULL
        give_back(self.pending)
        self.pending = None

    def __dealloc__(self):
        SSL_free(self.ssl)
