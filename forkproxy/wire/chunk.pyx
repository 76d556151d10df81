"""Writing the chunked coding (RFC 9112 §7.1), around content that is already in place."""


cdef Py_ssize_t frame_chunk(char* data, Py_ssize_t at, Py_ssize_t count) noexcept:
    cdef Py_ssize_t front = at - 2
    cdef Py_ssize_t left = count
    cdef int digit
    data[front] = c"\r"
    data[front + 1] = c"\n"
    while True:
        front -= 1
        digit = left & 15
        data[front] = c"0" + digit if digit < 10 else c"a" + digit - 10
        left >>= 4
        if left == 0:
            break
    data[at + count] = c"\r"
    data[at + count + 1] = c"\n"
    return front


def framed(bytes content not None):
    """Return content as one chunk."""
    cdef bytearray room = bytearray(CHUNK_FRONT) + content + b"\0\0"
    cdef Py_ssize_t front = frame_chunk(room, CHUNK_FRONT, len(content))
    return bytes(room[front:])
