"""The tables of a cache zone's store: entries, tags, and sums.

Of a store the keeper and one thread of each worker write, never the thread that serves: that one
only looks up (`find`), which waits for nobody.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.buffer cimport PyBUF_READ
from cpython.memoryview cimport PyMemoryView_FromMemory

from forkproxy.shared.environment cimport begin, val
from forkproxy.shared.lmdb_calls cimport (
    CREATE, DUPSORT, NEXT, NEXT_DUP, NOTFOUND, SET_KEY, MDB_stat, lmdb,
)

from forkproxy.shared.environment import FullError

DEF RESERVE = 8388608       # octets of a map that no entry takes, and one share of it
DEF RESERVE_SHARE = 64


cdef class Table:

    def get(self, bytes key not None):
        """Return the value, or None."""
        cdef MDB_val named = val(key), value
        cdef int code
        self.transaction.settle_key(self.handle, key)
        code = lmdb.get(self.transaction.txn, self.handle, &named, &value)
        if code == NOTFOUND:
            return None
        if code:
            raise self.transaction.environment.failed(code)
        return PyBytes_FromStringAndSize(<char*> value.mv_data, value.mv_size)

    def look(self, bytes key not None, bytes below not None):
        """Return the value, or None, and whether another key begins with `below`.

        No key may lie between `key` and `below`.
        """
        cdef Cursor cursor = self.cursor
        self.transaction.settle_key(self.handle, key)
        self.transaction.settle_below(self.handle, below)
        if cursor is None:
            cursor = self.cursor = self.transaction.open_cursor(self.handle)
        value = None
        more = cursor.seek(key)
        if more and cursor.key.mv_size == <size_t> PyBytes_GET_SIZE(key) and cursor.below(key):
            value = cursor.value_octets()
            more = cursor.go(NEXT)
        return value, bool(more and cursor.below(below))

    def put(self, bytes key not None, bytes value not None):
        """Store under a key. What fails may fail when it is looked for, or when all is over."""
        self.transaction.put(self.handle, key, value)

    def delete(self, bytes key not None, bytes value=None):
        """Delete a key, or one of its values; return whether it was there."""
        cdef MDB_val named = val(key), one
        cdef int code
        self.transaction.settle_key(self.handle, key)
        if value is not None:
            one = val(value)
        code = lmdb.delete(self.transaction.txn, self.handle, &named,
                           NULL if value is None else &one)
        if code and code != NOTFOUND:
            raise self.transaction.environment.failed(code)
        return code == 0

    def clear(self):
        """Delete all there is."""
        cdef int code
        self.transaction.check()
        self.transaction.settle()
        code = lmdb.drop(self.transaction.txn, self.handle, 0)
        if code:
            raise self.transaction.environment.failed(code)

    def items(self, bytes start not None=b""):
        """Yield keys and values in order, from the first key not before `start`.

        A value is good until the next is asked for; what yields may not change the table.
        """
        cdef Cursor cursor
        self.transaction.check()
        self.transaction.settle()
        cursor = self.transaction.open_cursor(self.handle)
        try:
            more = cursor.seek(start)
            while more:
                yield cursor.key_octets(), PyMemoryView_FromMemory(
                    <char*> cursor.value.mv_data, cursor.value.mv_size, PyBUF_READ)
                more = cursor.go(NEXT)
        finally:
            self.transaction.close_cursor(cursor)

    def values(self, bytes key not None):
        """Return all values of one key, of a table that has several a key."""
        cdef Cursor cursor
        self.transaction.settle_key(self.handle, key)
        cursor = self.transaction.open_cursor(self.handle)
        found = []
        cursor.key = val(key)
        more = cursor.go(SET_KEY)
        while more:
            found.append(cursor.value_octets())
            more = cursor.go(NEXT_DUP)
        self.transaction.close_cursor(cursor)
        return found


cdef class Writing:

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """Be over; where what writes raised nothing, all that was put is stored, or it raises."""
        if kind is None and self.transaction.writes:
            self.transaction.commit()
        else:
            self.transaction.abort()

    def take(self, Py_ssize_t octets):
        """Count octets that are put; raises FullError where there is no room for them."""
        if octets > self.room:
            raise FullError("the store has no room")
        self.room -= octets

    cdef int _count(self, Table table) except -1:
        cdef MDB_stat stat
        cdef int code = lmdb.stat(self.transaction.txn, table.handle, &stat)
        if code:
            raise self.transaction.environment.failed(code)
        self.room -= <long long> stat.ms_psize * <long long> (
            stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages)
        return 0


cdef class CacheStore(Environment):

    def __init__(self, folder, long long size):
        """Open or make the store in a folder that exists. Waits for LMDB's lock."""
        super().__init__(folder, size, durable=False, tables=3)
        self.size = size
        try:
            self._open_tables()
        except BaseException:
            self.close()
            raise

    cdef int _open_tables(self) except -1:
        cdef Transaction transaction = begin(self, True)
        cdef int code = lmdb.dbi_open(transaction.txn, b"entries", CREATE, &self.entries)
        if code == 0:
            code = lmdb.dbi_open(transaction.txn, b"tags", <int> CREATE | <int> DUPSORT, &self.tags)
        if code == 0:
            code = lmdb.dbi_open(transaction.txn, b"sums", CREATE, &self.sums)
        if code:
            raise self.failed(code)
        return transaction.commit()

    cdef MDB_txn* find(self, bytes key, MDB_val* value) except? NULL:
        cdef MDB_txn* txn = self.begin_read()
        cdef MDB_val named = val(key)
        cdef int code = lmdb.get(txn, self.entries, &named, value)
        if code == 0:
            return txn
        self.end_read(txn)
        if code != NOTFOUND:
            raise self.failed(code)
        return NULL

    def reading(self):
        """Let the tables be read, not changed, in a `with` statement."""
        return self._begin(False)

    def writing(self):
        """Let the tables be changed: all of it or, where something raises, nothing.

        Waits for LMDB's lock. Raises FullError where there is no room, BrokenError where what is
        in the file makes no sense, StoreError; the end of the `with` statement may, too.
        """
        return self._begin(True)

    cdef Writing _begin(self, bint writes):
        cdef Writing made = Writing.__new__(Writing)
        made.transaction = begin(self, writes)
        made.entries = _table(made.transaction, self.entries)
        made.tags = _table(made.transaction, self.tags)
        made.sums = _table(made.transaction, self.sums)
        made.room = self.size - self.size // RESERVE_SHARE - RESERVE
        made._count(made.entries)
        made._count(made.tags)
        made._count(made.sums)
        return made

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


cdef Table _table(Transaction transaction, unsigned int handle):
    cdef Table made = Table.__new__(Table)
    made.transaction = transaction
    made.handle = handle
    return made
