from libc.stdint cimport uint32_t

# CRC-32 (IEEE 802.3), as nginx's hashes use it: begin with CRC_BEGIN, end with crc_end.
cdef enum:
    CRC_BEGIN = 0xFFFFFFFF

cdef uint32_t crc_add(uint32_t crc, const char* octets, Py_ssize_t length) noexcept
cdef uint32_t crc_end(uint32_t crc) noexcept
