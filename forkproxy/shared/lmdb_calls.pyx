"""LMDB's own calls, found in the extension of the lmdb package, which carries LMDB.

A look through that package's objects makes a transaction and a view: 0.75 µs of the 1.3 that it
takes. And it gives up the interpreter's lock for each put, where once for all
puts of a transaction is wanted. So the package brings a maintained LMDB to each platform, and we
call that. Its calls are `mdb09_get` and so on in the wheels of 3.0, which carry two LMDBs, and
`mdb_get` in older ones and where it was built on the system's liblmdb. Both are those of lmdb.h
of 0.9, which only grew since 2011; another LMDB is refused.
"""

import os

from posix.dlfcn cimport RTLD_LOCAL, RTLD_NOW, dlopen, dlsym


cdef int _take(void* library, str name, void** place) except -1:
    """Find one call."""
    for prefix in ("mdb09_", "mdb_"):
        place[0] = dlsym(library, f"{prefix}{name}".encode())
        if place[0] != NULL:
            return 0
    raise ImportError(f"the lmdb package has no mdb_{name}: forkproxy needs one that carries LMDB "
                      "0.9 and shows its calls, as the wheels of 1.6 to 3.0 do")


cdef int _take_all() except -1:
    cdef int major = 0, minor = 0
    try:
        from lmdb import cpython
    except ImportError as error:
        raise ImportError("forkproxy needs the compiled module of the lmdb package") from error
    # It is loaded, so this only finds it; and it stays as long as we do.
    cdef void* library = dlopen(os.fsencode(cpython.__file__), RTLD_NOW | RTLD_LOCAL)
    if library == NULL:
        raise ImportError(f"the lmdb package's {cpython.__file__} cannot be opened")
    _take(library, "version", <void**> &lmdb.version)
    text = lmdb.version(&major, &minor, NULL)
    if major != 0 or minor != 9:
        raise ImportError(f"the lmdb package carries {text.decode()}: forkproxy needs 0.9")
    _take(library, "strerror", <void**> &lmdb.strerror)
    _take(library, "env_create", <void**> &lmdb.env_create)
    _take(library, "env_set_mapsize", <void**> &lmdb.env_set_mapsize)
    _take(library, "env_set_maxdbs", <void**> &lmdb.env_set_maxdbs)
    _take(library, "env_set_maxreaders", <void**> &lmdb.env_set_maxreaders)
    _take(library, "env_open", <void**> &lmdb.env_open)
    _take(library, "env_close", <void**> &lmdb.env_close)
    _take(library, "reader_check", <void**> &lmdb.reader_check)
    _take(library, "dbi_open", <void**> &lmdb.dbi_open)
    _take(library, "txn_begin", <void**> &lmdb.txn_begin)
    _take(library, "txn_commit", <void**> &lmdb.txn_commit)
    _take(library, "txn_abort", <void**> &lmdb.txn_abort)
    _take(library, "txn_reset", <void**> &lmdb.txn_reset)
    _take(library, "txn_renew", <void**> &lmdb.txn_renew)
    _take(library, "get", <void**> &lmdb.get)
    _take(library, "put", <void**> &lmdb.put)
    _take(library, "del", <void**> &lmdb.delete)
    _take(library, "drop", <void**> &lmdb.drop)
    _take(library, "stat", <void**> &lmdb.stat)
    _take(library, "cursor_open", <void**> &lmdb.cursor_open)
    _take(library, "cursor_get", <void**> &lmdb.cursor_get)
    _take(library, "cursor_close", <void**> &lmdb.cursor_close)
    return 0


_take_all()


def carried():
    """Return which LMDB it is, as LMDB says it."""
    return lmdb.version(NULL, NULL, NULL).decode()
