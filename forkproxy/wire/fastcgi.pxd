from forkproxy.wire.writer cimport Writer

# What comes next of an application's records.
cdef enum Piece:
    MORE                # nothing until more octets come
    STDOUT              # octets of the answer
    STDERR              # octets for the error log
    END                 # the request is over

# Room that the header of a record needs before its content, and most octets of one record's.
cdef enum:
    RECORD_FRONT = 8
    RECORD_MOST = 65528


cdef class Records:
    """The records that an application answers one request with (FastCGI 1.0 §3.3)."""

    cdef unsigned char header[RECORD_FRONT]
    cdef int have                       # octets of the header that have come
    cdef int kind                       # of the record at hand
    cdef Py_ssize_t content             # octets of it still to come
    cdef Py_ssize_t padding             # and behind them
    cdef readonly bint over             # the last record has come

    # Look at octets: `used` is how many are done with, and behind them lie `count` octets of the
    # piece. Say by took() how many of these were used. Raises ProtocolError.
    cdef Piece next(self, const char* data, Py_ssize_t length, Py_ssize_t* used,
                    Py_ssize_t* count) except *
    cdef void took(self, Py_ssize_t count) noexcept
    cdef Py_ssize_t _skip(self, Py_ssize_t there) noexcept
    cdef int _begin(self) except -1


# The begin of a request; `keep`: the application shall not close the connection after it.
cdef int put_begin(Writer to, bint keep) except -1
# One name and its value as a content of PARAMS records has them.
cdef int put_param(Writer to, bytes name, bytes value) except -1
# A whole stream of records, its end included.
cdef int put_params(Writer to, Writer params) except -1
cdef int put_stdin(Writer to, const char* content, Py_ssize_t length) except -1
# One record of STDIN, of at most RECORD_MOST octets; its stream goes on.
cdef int put_record(Writer to, const char* content, Py_ssize_t length) except -1
# Make a record of STDIN of the octets at data[RECORD_FRONT]; none of them: the stream's end.
cdef void frame_stdin(char* data, Py_ssize_t count) noexcept
