# Room that a chunk's size line needs before its content.
cdef enum:
    CHUNK_FRONT = 18

# Frame the `count` octets at data[at] as one chunk (RFC 9112 §7.1): its size line is written before
# them, which needs CHUNK_FRONT octets, its line end behind them, two octets. Return where it
# begins; it ends at data[at + count + 2]. A chunk of no octets is "0", a line end, and an empty
# trailer section: the last.
cdef Py_ssize_t frame_chunk(char* data, Py_ssize_t at, Py_ssize_t count) noexcept
