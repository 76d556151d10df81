"""The memory of libnghttp2's sessions, of which there may be many that nobody uses.

A session makes its frames in a block of 16 KiB, and keeps it. But each frame is taken away before
anybody else makes one, so all sessions have the same block. The table of its streams is 4 KiB of
zeros while there is none: it is a page of its own, which the kernel can have back.

Both are known by their sizes, while a session is made; where libnghttp2 is of a version in which
they are others, it has its own, and costs more.
"""

from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memset

from forkproxy.wire.nghttp2 cimport nghttp2_mem

cdef extern from "<sys/mman.h>" nogil:
    int PROT_READ
    int PROT_WRITE
    int MAP_PRIVATE
    int MAP_ANONYMOUS
    int MADV_DONTNEED
    void* MAP_FAILED
    void* mmap(void* at, size_t length, int protection, int flags, int fd, long offset)
    int madvise(void* at, size_t length, int advice)

DEF PAGE = 4096
DEF AT_ONCE = 64            # pages that are asked of the kernel
DEF LARGEST = 16384         # octets of content in a frame, unless we say more
DEF AROUND = 64             # more than what else is in the block

# Where frames are made. Nothing of it is needed once nghttp2_session_mem_send has returned and what
# it gave was copied: so no callback may tell libnghttp2 to keep a frame for later.
cdef char frame[LARGEST + AROUND]

cdef void** pages = NULL    # those that are free, all zeros
cdef int free_pages = 0
cdef int room = 0           # for so many


cdef nghttp2_mem memory_for(Memory* memory) noexcept:
    cdef nghttp2_mem told
    told.mem_user_data = memory
    told.malloc = _malloc
    told.free = _free
    told.calloc = _calloc
    told.realloc = _realloc
    return told


cdef void rest(Memory* memory) noexcept:
    cdef const unsigned long* words = <const unsigned long*> memory.table
    cdef unsigned int index
    if words == NULL:
        return
    for index in range(PAGE // sizeof(unsigned long)):
        if words[index]:
            return          # libnghttp2 knows of a stream, as one that only PRIORITY has named
    madvise(memory.table, PAGE, MADV_DONTNEED)


cdef inline bint _is_frame(size_t size, Memory* memory) noexcept:
    return memory.making and LARGEST < size <= LARGEST + AROUND


cdef void* _malloc(size_t size, void* of) noexcept:
    return frame if _is_frame(size, <Memory*> of) else malloc(size)


cdef void* _realloc(void* block, size_t size, void* of) noexcept:
    return frame if block == NULL and _is_frame(size, <Memory*> of) else realloc(block, size)


cdef void* _calloc(size_t count, size_t size, void* of) noexcept:
    cdef Memory* memory = <Memory*> of
    if memory.making and count * size == PAGE and memory.table == NULL:
        memory.table = _page()
        if memory.table != NULL:
            return memory.table
    return calloc(count, size)


cdef void _free(void* block, void* of) noexcept:
    cdef Memory* memory = <Memory*> of
    if block == NULL or block == <void*> frame:
        return
    if block == memory.table:
        memory.table = NULL
        memset(block, 0, PAGE)
        _keep(block)
    else:
        free(block)


cdef void* _page() noexcept:
    global free_pages
    cdef char* block
    cdef int index
    if free_pages == 0:
        block = <char*> mmap(NULL, AT_ONCE * PAGE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if block == MAP_FAILED:
            return NULL
        for index in range(AT_ONCE):
            _keep(block + index * PAGE)
        if free_pages == 0:
            return NULL
    free_pages -= 1
    return pages[free_pages]


cdef void _keep(void* page) noexcept:
    global pages, free_pages, room
    cdef void** larger
    if free_pages == room:
        larger = <void**> realloc(pages, (room + 1024) * sizeof(void*))
        if larger == NULL:
            return          # that page is lost, and no more
        pages = larger
        room += 1024
    pages[free_pages] = page
    free_pages += 1
