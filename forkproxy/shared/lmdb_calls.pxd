"""LMDB's own calls, as lmdb.h of 0.9 has them."""

ctypedef void MDB_env
ctypedef void MDB_txn
ctypedef void MDB_cursor

cdef struct MDB_val:
    size_t mv_size
    void* mv_data

cdef struct MDB_stat:
    unsigned int ms_psize
    unsigned int ms_depth
    size_t ms_branch_pages
    size_t ms_leaf_pages
    size_t ms_overflow_pages
    size_t ms_entries

cdef struct Calls:
    const char* (*version)(int* major, int* minor, int* patch) noexcept nogil
    const char* (*strerror)(int code) noexcept nogil
    int (*env_create)(MDB_env** env) noexcept nogil
    int (*env_set_mapsize)(MDB_env* env, size_t size) noexcept nogil
    int (*env_set_maxdbs)(MDB_env* env, unsigned int count) noexcept nogil
    int (*env_set_maxreaders)(MDB_env* env, unsigned int count) noexcept nogil
    int (*env_open)(MDB_env* env, const char* path, unsigned int flags,
                    unsigned int mode) noexcept nogil
    void (*env_close)(MDB_env* env) noexcept nogil
    int (*reader_check)(MDB_env* env, int* dead) noexcept nogil
    int (*dbi_open)(MDB_txn* txn, const char* name, unsigned int flags,
                    unsigned int* handle) noexcept nogil
    int (*txn_begin)(MDB_env* env, MDB_txn* parent, unsigned int flags,
                     MDB_txn** txn) noexcept nogil
    int (*txn_commit)(MDB_txn* txn) noexcept nogil
    void (*txn_abort)(MDB_txn* txn) noexcept nogil
    void (*txn_reset)(MDB_txn* txn) noexcept nogil
    int (*txn_renew)(MDB_txn* txn) noexcept nogil
    int (*get)(MDB_txn* txn, unsigned int handle, MDB_val* key, MDB_val* value) noexcept nogil
    int (*put)(MDB_txn* txn, unsigned int handle, MDB_val* key, MDB_val* value,
               unsigned int flags) noexcept nogil
    int (*delete)(MDB_txn* txn, unsigned int handle, MDB_val* key, MDB_val* value) noexcept nogil
    int (*drop)(MDB_txn* txn, unsigned int handle, int delete) noexcept nogil
    int (*stat)(MDB_txn* txn, unsigned int handle, MDB_stat* stat) noexcept nogil
    int (*cursor_open)(MDB_txn* txn, unsigned int handle, MDB_cursor** cursor) noexcept nogil
    int (*cursor_get)(MDB_cursor* cursor, MDB_val* key, MDB_val* value,
                      int operation) noexcept nogil
    void (*cursor_close)(MDB_cursor* cursor) noexcept nogil

cdef enum:
    # mdb_env_open
    NOSYNC = 0x10000
    NOTLS = 0x200000            # what is read belongs to whoever began it, not to the thread
    # mdb_txn_begin
    RDONLY = 0x20000
    # mdb_dbi_open
    DUPSORT = 0x04
    CREATE = 0x40000
    # mdb_cursor_get
    FIRST = 0
    NEXT = 8
    NEXT_DUP = 9
    SET_KEY = 16
    SET_RANGE = 17
    # What a call returns, beside numbers of errno.
    NOTFOUND = -30798
    PAGE_NOTFOUND = -30797
    CORRUPTED = -30796
    PANIC = -30795
    VERSION_MISMATCH = -30794
    INVALID = -30793
    MAP_FULL = -30792

cdef Calls lmdb
