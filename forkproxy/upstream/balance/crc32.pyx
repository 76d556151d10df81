"""CRC-32 in steps, so that a hash may go on from a common beginning."""

from libc.stdint cimport uint32_t

DEF POLYNOMIAL = 0xEDB88320     # of IEEE 802.3, its bits reversed

cdef uint32_t[256] table


cdef void _fill() noexcept:
    cdef uint32_t value
    cdef int index, _bit
    for index in range(256):
        value = index
        for _bit in range(8):
            value = (value >> 1) ^ (POLYNOMIAL if value & 1 else 0)
        table[index] = value


_fill()


cdef uint32_t crc_add(uint32_t crc, const char* octets, Py_ssize_t length) noexcept:
    cdef Py_ssize_t index
    for index in range(length):
        crc = table[(crc ^ <unsigned char> octets[index]) & 0xFF] ^ (crc >> 8)
    return crc


cdef uint32_t crc_end(uint32_t crc) noexcept:
    return crc ^ <uint32_t> 0xFFFFFFFF


def crc32(bytes octets not None):
    """Return the CRC-32 of octets."""
    return crc_end(crc_add(<uint32_t> CRC_BEGIN, octets, len(octets)))
