from forkproxy.wire.nghttp2 cimport nghttp2_mem


cdef struct Memory:
    bint making             # libnghttp2 makes the session
    void* table             # where it looks its streams up: a page of ours; NULL: no longer


cdef nghttp2_mem memory_for(Memory* memory) noexcept   # what libnghttp2 is told of it
# None will come soon: give the page's memory back, where no stream is left. It is zeros when it is
# used again, which is what it was.
cdef void rest(Memory* memory) noexcept
