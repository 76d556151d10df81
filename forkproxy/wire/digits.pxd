"""What digits mean."""


cdef inline int hex_digit(unsigned char octet) noexcept nogil:
    """0 to 15, or -1 where it is no hexadecimal digit."""
    if c"0" <= octet <= c"9":
        return octet - c"0"
    if c"a" <= octet <= c"f":
        return octet - c"a" + 10
    if c"A" <= octet <= c"F":
        return octet - c"A" + 10
    return -1
