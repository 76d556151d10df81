"""An LMDB environment: opened after the fork, by one process, never in the master.

One that was inherited seems to work, and corrupts: it is refused, and left as it is. A wait for the
lock of those who write stops the thread that waits, so the interpreter's lock is given up for it,
and for the writing: once for all that a transaction puts. What is put is therefore put off until
it is committed, or until something is asked that it would answer.
"""

import os

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.pythread cimport PyThread_get_thread_ident
from libc.errno cimport ENOSPC
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

from forkproxy.shared.lmdb_calls cimport (
    CORRUPTED, FIRST, INVALID, MAP_FULL, NEXT, NOSYNC, NOTFOUND, NOTLS, PAGE_NOTFOUND, PANIC,
    RDONLY, SET_RANGE, VERSION_MISMATCH, lmdb,
)

from forkproxy.errors import StoreError

DEF READERS = 1022          # of all processes together
DEF MAIN = 1                # the table without a name
DEF MOST_PUT_OFF = 256

cdef unsigned int generation = 1        # of this process, as far as it was imported before the fork
cdef unsigned int kept_out = 0          # the generation that must not open an environment
cdef set open_folders = set()           # LMDB must not open one twice


def keep_out():
    """Let this process open no environment; its children may. The master's first act."""
    global kept_out
    kept_out = generation


def _born():
    global generation
    generation += 1
    open_folders.clear()


os.register_at_fork(after_in_child=_born)


class FullError(StoreError):
    """There is no room for what should be stored; what is there is good."""


class BrokenError(StoreError):
    """What is in the store makes no sense: it cannot be used any more."""


cdef object _kind(int code):
    if code == MAP_FULL or code == ENOSPC:
        return FullError
    if code in (PAGE_NOTFOUND, CORRUPTED, PANIC, VERSION_MISMATCH, INVALID):
        return BrokenError
    return StoreError


cdef class Environment:

    def __init__(self, folder, size_t size, *, bint durable, unsigned int tables=0):
        """Open or make the environment in a folder that exists, of `size` octets for good.

        A durable one survives a crash of the machine with its last write; another may lose
        its last seconds. It may have named `tables`. Raises StoreError.
        """
        cdef int code
        # A map that is written to would end the process with SIGBUS on a full disk.
        cdef unsigned int flags = <int> NOTLS | (0 if durable else <int> NOSYNC)
        cdef bytes place = os.fsencode(os.path.realpath(folder))
        if generation == kept_out:
            raise StoreError("the master opens no store")
        if place in open_folders:
            raise StoreError(f'the store "{folder}" is open')
        self.path = folder
        self.generation = generation
        code = lmdb.env_create(&self.env)
        if code == 0:
            code = lmdb.env_set_mapsize(self.env, size)
        if code == 0:
            code = lmdb.env_set_maxdbs(self.env, tables)
        if code == 0:
            code = lmdb.env_set_maxreaders(self.env, READERS)
        if code == 0:
            code = lmdb.env_open(self.env, place, flags, 0o600)
        if code:
            self._release()
            raise _kind(code)(f'cannot open the store "{folder}": {_text(code)}')
        self.place = place
        open_folders.add(place)
        self._open_main()

    cdef int _open_main(self) except -1:
        """Let the table without a name be read: LMDB finds out here how its keys compare."""
        cdef Transaction transaction = begin(self, False)
        cdef unsigned int handle
        cdef int code = lmdb.dbi_open(transaction.txn, NULL, 0, &handle)
        transaction.abort()
        if code:
            self.close()
            raise self.failed(code)
        return 0

    def __dealloc__(self):
        self._release()

    def get(self, bytes key not None):
        """Return a copy of the value, or None."""
        cdef MDB_val named = val(key), value
        cdef MDB_txn* txn = self.begin_read()
        cdef int code = lmdb.get(txn, MAIN, &named, &value)
        found = None
        if code == 0:
            found = PyBytes_FromStringAndSize(<char*> value.mv_data, value.mv_size)
        self.end_read(txn)
        if code and code != NOTFOUND:
            raise self.failed(code)
        return found

    def items(self, bytes prefix not None):
        """Return all keys that begin so, with their values, in order."""
        cdef Transaction transaction = begin(self, False)
        cdef Cursor cursor = transaction.open_cursor(MAIN)
        found = []
        more = cursor.seek(prefix)
        while more and cursor.below(prefix):
            found.append((cursor.key_octets(), cursor.value_octets()))
            more = cursor.go(NEXT)
        transaction.abort()
        return found

    def change(self, put, delete=()):
        """Store and delete, all of it or nothing."""
        cdef Transaction transaction = begin(self, True)
        cdef MDB_val named
        cdef int code
        try:
            for key in delete:
                named = val(<bytes?> key)
                code = lmdb.delete(transaction.txn, MAIN, &named, NULL)
                if code and code != NOTFOUND:
                    raise self.failed(code)
            for key, value in put.items():
                transaction.put(MAIN, <bytes?> key, <bytes?> value)
            transaction.commit()
        finally:
            transaction.abort()

    def forget_dead_readers(self):
        """Free what readers that were killed still hold; return how many there were."""
        cdef int dead = 0, code
        self._check()
        code = lmdb.reader_check(self.env, &dead)
        if code:
            raise self.failed(code)
        return dead

    def close(self):
        """Close it, when the last transaction is over that is under way now."""
        self.closed = True
        if self.out == 0:
            self._release()

    cdef MDB_txn* begin_read(self) except NULL:
        cdef MDB_txn* txn = NULL
        cdef int code
        self._check()
        if self.spares:
            self.spares -= 1
            txn = self.spare[self.spares]
            code = lmdb.txn_renew(txn)
            if code:
                lmdb.txn_abort(txn)
        else:
            code = lmdb.txn_begin(self.env, NULL, RDONLY, &txn)
        if code:
            raise self.failed(code)
        self.out += 1
        return txn

    cdef void end_read(self, MDB_txn* txn) noexcept:
        if self.generation != generation:
            return                      # it is our parent's
        if self.spares < SPARES and not self.closed:
            lmdb.txn_reset(txn)
            self.spare[self.spares] = txn
            self.spares += 1
        else:
            lmdb.txn_abort(txn)
        self._ended()

    cdef MDB_txn* begin_write(self) except NULL:
        cdef MDB_env* env = self.env
        cdef MDB_txn* txn = NULL
        cdef unsigned long thread = PyThread_get_thread_ident()
        cdef int code
        self._check()
        if self.writer == thread:
            raise StoreError(f'the store "{self.path}" is being written to')
        self.out += 1                   # nobody closes it meanwhile
        with nogil:
            code = lmdb.txn_begin(env, NULL, 0, &txn)
        if code:
            self._ended()
            raise self.failed(code)
        self.writer = thread
        return txn

    cdef void end_write(self) noexcept:
        self.writer = 0
        self._ended()

    cdef int _check(self) except -1:
        if self.env == NULL or self.closed:
            raise StoreError(f'the store "{self.path}" is closed')
        if self.generation != generation:
            raise StoreError(f'the store "{self.path}" is another process\'s')
        return 0

    cdef void _ended(self) noexcept:
        self.out -= 1
        if self.closed and self.out == 0:
            self._release()

    cdef void _release(self) noexcept:
        cdef MDB_env* env = self.env
        if env == NULL or self.generation != generation:
            return
        self.env = NULL
        while self.spares:
            self.spares -= 1
            lmdb.txn_abort(self.spare[self.spares])
        lmdb.env_close(env)
        open_folders.discard(self.place)

    cdef object failed(self, int code):
        if _kind(code) is FullError:
            return FullError(f'the store "{self.path}" has no room: {_text(code)}')
        return _kind(code)(f'the store "{self.path}": {_text(code)}')


cdef str _text(int code):
    return lmdb.strerror(code).decode("utf-8", "replace")


cdef class Transaction:

    def __dealloc__(self):
        self.abort()
        free(self.puts)

    cdef int put(self, unsigned int handle, bytes key, bytes value) except -1:
        cdef Put* one
        self.check()
        if self.puts == NULL:
            self.puts = <Put*> calloc(MOST_PUT_OFF, sizeof(Put))
            if self.puts == NULL:
                raise MemoryError()
        if self.put_off == MOST_PUT_OFF:
            self.settle()
        one = self.puts + self.put_off
        one.handle = handle
        one.key = val(key)
        one.value = val(value)
        self.kept.append(key)
        self.kept.append(value)
        self.put_off += 1
        return 0

    cdef int settle(self) except -1:
        cdef int code
        with nogil:
            code = _put_all(self.txn, self.puts, self.put_off)
        self.put_off = 0
        self.kept.clear()
        if code:
            raise self.environment.failed(code)
        return 0

    cdef int settle_key(self, unsigned int handle, bytes key) except -1:
        cdef int index
        cdef Put* one
        self.check()
        for index in range(self.put_off):
            one = self.puts + index
            if (one.handle == handle and <Py_ssize_t> one.key.mv_size == PyBytes_GET_SIZE(key)
                    and _begins(&one.key, key)):
                return self.settle()
        return 0

    cdef int settle_below(self, unsigned int handle, bytes prefix) except -1:
        cdef int index
        self.check()
        for index in range(self.put_off):
            if self.puts[index].handle == handle and _begins(&self.puts[index].key, prefix):
                return self.settle()
        return 0

    cdef int check(self) except -1:
        if self.txn == NULL:
            raise StoreError("the transaction is over")
        return 0

    cdef int commit(self) except -1:
        cdef MDB_txn* txn = self.txn
        cdef int code
        self.check()
        self._over()
        with nogil:
            code = _put_all(txn, self.puts, self.put_off)
            if code:
                lmdb.txn_abort(txn)
            else:
                code = lmdb.txn_commit(txn)
        self.put_off = 0
        self.kept.clear()
        self.environment.end_write()
        if code:
            raise self.environment.failed(code)
        return 0

    cdef void abort(self) noexcept:
        cdef MDB_txn* txn = self.txn
        if txn == NULL:
            return
        self._over()
        if not self.writes:
            self.environment.end_read(txn)
            return
        with nogil:
            lmdb.txn_abort(txn)
        self.put_off = 0
        self.environment.end_write()

    cdef Cursor open_cursor(self, unsigned int handle):
        cdef Cursor made = Cursor.__new__(Cursor)
        cdef int code
        self.check()
        made.environment = self.environment
        code = lmdb.cursor_open(self.txn, handle, &made.at)
        if code:
            raise self.environment.failed(code)
        self.cursors.append(made)
        return made

    cdef int close_cursor(self, Cursor cursor) except -1:
        if cursor.at != NULL:
            lmdb.cursor_close(cursor.at)
            cursor.at = NULL
            self.cursors.remove(cursor)
        return 0

    cdef void _over(self) noexcept:
        """What is open ends first: LMDB frees the cursors of some transactions with them."""
        cdef Cursor cursor
        self.txn = NULL
        for cursor in self.cursors:
            lmdb.cursor_close(cursor.at)
            cursor.at = NULL
        self.cursors = []


cdef int _put_all(MDB_txn* txn, Put* puts, int count) noexcept nogil:
    cdef int index, code
    for index in range(count):
        code = lmdb.put(txn, puts[index].handle, &puts[index].key, &puts[index].value, 0)
        if code:
            return code
    return 0


cdef Transaction begin(Environment environment, bint writes):
    cdef Transaction made = Transaction.__new__(Transaction)
    made.environment = environment
    made.cursors = []
    made.kept = []
    made.writes = writes
    made.txn = environment.begin_write() if writes else environment.begin_read()
    return made


cdef class Cursor:

    cdef bint go(self, int operation) except -1:
        cdef int code
        if self.at == NULL:
            raise StoreError("the transaction is over")
        code = lmdb.cursor_get(self.at, &self.key, &self.value, operation)
        if code and code != NOTFOUND:
            raise self.environment.failed(code)
        return code == 0

    cdef bint seek(self, bytes key) except -1:
        self.key = val(key)
        return self.go(SET_RANGE if key else FIRST)

    cdef bytes key_octets(self):
        return PyBytes_FromStringAndSize(<char*> self.key.mv_data, self.key.mv_size)

    cdef bytes value_octets(self):
        return PyBytes_FromStringAndSize(<char*> self.value.mv_data, self.value.mv_size)

    cdef bint below(self, bytes prefix) noexcept:
        return _begins(&self.key, prefix)

cdef MDB_val val(bytes octets) noexcept:
    cdef MDB_val made
    made.mv_data = PyBytes_AS_STRING(octets)
    made.mv_size = PyBytes_GET_SIZE(octets)
    return made


cdef bint _begins(MDB_val* octets, bytes prefix) noexcept:
    cdef size_t length = PyBytes_GET_SIZE(prefix)
    return octets.mv_size >= length and memcmp(
        octets.mv_data, PyBytes_AS_STRING(prefix), length) == 0
