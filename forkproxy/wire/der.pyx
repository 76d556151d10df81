"""Elements of ASN.1 (X.690), taken off one after another where they are written as DER wants.

Nothing here says what is wrong: who is told no, asks somebody who can.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memcmp

from forkproxy.wire.dates cimport moment

DEF INTEGER = 0x02
DEF BIT_STRING = 0x03
DEF OID = 0x06
DEF UTC_TIME = 0x17
DEF GENERALIZED_TIME = 0x18


cdef Span span(bytes octets):
    cdef Span made
    made.at = <const unsigned char*> PyBytes_AS_STRING(octets)
    made.end = made.at + PyBytes_GET_SIZE(octets)
    return made


cdef bint reads(Span one, bytes octets) noexcept:
    return (one.end - one.at == PyBytes_GET_SIZE(octets)
            and memcmp(one.at, PyBytes_AS_STRING(octets), one.end - one.at) == 0)


cdef bint same(Span one, Span other) noexcept:
    return (one.end - one.at == other.end - other.at
            and memcmp(one.at, other.at, one.end - one.at) == 0)


cdef bint take(Span* of, unsigned char tag, Span* into) noexcept:
    """Take the next element off, where it has that tag and its length is written as DER wants."""
    cdef Py_ssize_t length, octets
    if of.end - of.at < 2 or of.at[0] != tag:
        return False
    length = of.at[1]
    of.at += 2
    if length >= 0x80:
        octets = length - 0x80
        if not 0 < octets <= 3 or of.end - of.at < octets or of.at[0] == 0:
            return False
        length = 0
        while octets:
            length = length << 8 | of.at[0]
            of.at += 1
            octets -= 1
        if length < 0x80:
            return False
    if length > of.end - of.at:
        return False
    into.at = of.at
    into.end = of.at = of.at + length
    return True


cdef bint take_integer(Span* of, Span* into) noexcept:
    """A positive INTEGER; its octets without the zero that only says so."""
    if not take(of, INTEGER, into) or into.at == into.end or into.at[0] & 0x80:
        return False
    if into.at[0] == 0 and into.end - into.at > 1:
        into.at += 1
        return into.at[0] & 0x80 != 0
    return True


cdef bint take_oid(Span* of, Span* into) noexcept:
    cdef const unsigned char* at
    if not take(of, OID, into) or into.at == into.end or into.end[-1] & 0x80:
        return False
    at = into.at
    while at < into.end:
        if at[0] == 0x80 and (at == into.at or not at[-1] & 0x80):
            return False        # noughts before a number
        at += 1
    return True


cdef bint take_octets(Span* of, Span* into) noexcept:
    """A BIT STRING of whole octets, one at least."""
    if not take(of, BIT_STRING, into) or into.at == into.end or into.at[0] != 0:
        return False
    into.at += 1
    return into.at < into.end


cdef bint take_time(Span* of, double* into) noexcept:
    """A time as RFC 5280 §4.1.2.5 wants it, to wall seconds."""
    cdef Span text
    cdef int[7] parts
    cdef int index, first = 1 if of.at < of.end and of.at[0] == UTC_TIME else 0
    if not take(of, UTC_TIME if first else GENERALIZED_TIME, &text):
        return False
    if text.end - text.at != (13 if first else 15) or text.end[-1] != c"Z":
        return False
    for index in range(first, 7):
        if not c"0" <= text.at[0] <= c"9" or not c"0" <= text.at[1] <= c"9":
            return False
        parts[index] = (text.at[0] - c"0") * 10 + text.at[1] - c"0"
        text.at += 2
    if first:
        parts[0] = 19 if parts[1] >= 50 else 20
    into[0] = moment(parts[0] * 100 + parts[1], parts[2] - 1, parts[3],
                     parts[4], parts[5], parts[6])
    return into[0] >= 0 and parts[6] < 60
