from forkproxy.shared.lmdb_calls cimport MDB_cursor, MDB_env, MDB_txn, MDB_val

cdef enum:
    SPARES = 8

cdef struct Put:
    unsigned int handle
    MDB_val key
    MDB_val value


cdef class Environment:
    """One open environment, for this process alone."""

    cdef readonly object path
    cdef bytes place                # of it, resolved
    cdef MDB_env* env
    cdef int out                    # transactions that have not ended
    cdef bint closed                # as soon as none is out any more
    cdef unsigned long writer       # the thread that has a transaction that writes; 0
    cdef unsigned int generation    # of processes, by forks
    cdef MDB_txn* spare[SPARES]     # that were read with, and may be so again
    cdef int spares

    cdef int _open_main(self) except -1
    cdef MDB_txn* begin_read(self) except NULL
    cdef void end_read(self, MDB_txn* txn) noexcept
    cdef MDB_txn* begin_write(self) except NULL     # waits for LMDB's lock: not for who serves
    cdef void end_write(self) noexcept              # it was committed, or aborted
    cdef int _check(self) except -1
    cdef void _ended(self) noexcept
    cdef void _release(self) noexcept
    cdef object failed(self, int code)              # the error that a call's number means


cdef class Transaction:
    """What is read or changed at once; over when it is committed, aborted or dropped."""

    cdef Environment environment
    cdef MDB_txn* txn               # NULL: it is over
    cdef bint writes
    cdef list cursors               # those that are open
    cdef Put* puts                  # that were put off
    cdef int put_off
    cdef list kept                  # what these point to

    cdef int put(self, unsigned int handle, bytes key, bytes value) except -1
    # What was put off is done, all of it, or where it matters to one key, or to those below one.
    cdef int settle(self) except -1
    cdef int settle_key(self, unsigned int handle, bytes key) except -1
    cdef int settle_below(self, unsigned int handle, bytes prefix) except -1
    cdef int check(self) except -1
    cdef Cursor open_cursor(self, unsigned int handle)
    cdef int close_cursor(self, Cursor cursor) except -1
    cdef int commit(self) except -1
    cdef void abort(self) noexcept
    cdef void _over(self) noexcept


cdef class Cursor:
    """A place in a table; `key` and `value` are good until it moves, or the table changes."""

    cdef Environment environment
    cdef MDB_cursor* at             # NULL: it is closed, or its transaction over
    cdef MDB_val key
    cdef MDB_val value

    cdef bint go(self, int operation) except -1     # False: there is nothing
    cdef bint seek(self, bytes key) except -1       # the first not before a key
    cdef bytes key_octets(self)
    cdef bytes value_octets(self)
    cdef bint below(self, bytes prefix) noexcept    # its key begins so

cdef Transaction begin(Environment environment, bint writes)
cdef MDB_val val(bytes octets) noexcept
