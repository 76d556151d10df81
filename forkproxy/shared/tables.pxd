from forkproxy.shared.environment cimport Cursor, Environment, Transaction
from forkproxy.shared.lmdb_calls cimport MDB_txn, MDB_val


cdef class Table:
    """One table of a cache's store, within a transaction."""

    cdef Transaction transaction
    cdef unsigned int handle
    cdef Cursor cursor              # of `look`; None until then


cdef class Writing:
    """The tables of a cache's store, while they may be read or changed."""

    cdef readonly Table entries
    cdef readonly Table tags
    cdef readonly Table sums
    # Octets that may still be put. It ends before the map does: where LMDB has no page left,
    # nothing can be deleted either.
    cdef readonly long long room
    cdef Transaction transaction

    cdef int _count(self, Table table) except -1


cdef class CacheStore(Environment):
    """The store of one cache zone: entries by key, keys by tag, and what they add up to."""

    cdef long long size
    cdef unsigned int entries
    cdef unsigned int tags
    cdef unsigned int sums

    cdef int _open_tables(self) except -1
    # The entry under a key, good until `end_read` is given what this returns; NULL: there is none.
    cdef MDB_txn* find(self, bytes key, MDB_val* value) except? NULL
    cdef Writing _begin(self, bint writes)
