from forkproxy.net.openssl cimport SSL_SESSION
from forkproxy.net.tls_context cimport TlsContext
from forkproxy.net.tls_records cimport TlsRecords


cdef class TlsSession:
    """A session that a later handshake with the same peer may resume."""

    cdef SSL_SESSION* session


cdef class Resumable(TlsRecords):
    """A connection that may go on with the session of an earlier one."""

    cdef TlsContext first               # whose tickets and sessions are used
    cdef dict resumable                 # as a client: where its session goes; None: nowhere
    cdef object resumable_key

    # Before the handshake, as a client: offer what is kept of this peer, by this name.
    cdef int resume(self, object peer, bytes name) except -1


# Hang what OpenSSL asks about sessions on a context.
cdef void keep_sessions(TlsContext context) noexcept
