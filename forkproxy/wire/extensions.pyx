"""Extensions of certificates (RFC 5280 §4.2) of which it is plain that OpenSSL can read them.

It reads those below when a certificate is shown for the first time, and refuses one of which it
cannot; what the others hold it does not look at.
"""

from forkproxy.wire.der cimport Span, reads, span, take, take_oid

DEF BOOLEAN = 0x01          # tags of DER
DEF OCTET_STRING = 0x04
DEF SEQUENCE = 0x30
DEF KEY_IDENTIFIER = 0x80   # of an AuthorityKeyIdentifier: [0]
DEF DNS_NAME = 0x82         # of a GeneralName
DEF URI = 0x86
DEF IP_ADDRESS = 0x87
DEF TAGGED = 0xa0           # [0]; [1] and so on follow

# The numbers of extensions, without tag and length.
cdef tuple KNOWN = (
    b"\x55\x1d\x13",                # basicConstraints
    b"\x55\x1d\x0f",                # keyUsage
    b"\x55\x1d\x25",                # extKeyUsage
    b"\x55\x1d\x0e",                # subjectKeyIdentifier
    b"\x55\x1d\x23",                # authorityKeyIdentifier
    b"\x55\x1d\x11",                # subjectAltName
    b"\x55\x1d\x1f",                # cRLDistributionPoints
)
cdef tuple UNREAD = (
    b"\x55\x1d\x20",                # certificatePolicies
    b"\x2b\x06\x01\x05\x05\x07\x01\x01",            # authorityInfoAccess
    b"\x2b\x06\x01\x05\x05\x07\x01\x18",            # TLS features: must staple
    b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02",    # timestamps of certificate transparency
)


cdef bint take_extensions(Span* of) noexcept:
    cdef Span tagged, many, one, number, value
    cdef int seen = 0, kind
    if not take(of, TAGGED + 3, &tagged) or not take(&tagged, SEQUENCE, &many):
        return False
    if tagged.at != tagged.end or many.at == many.end:
        return False
    while many.at < many.end:
        if not take(&many, SEQUENCE, &one) or not take_oid(&one, &number):
            return False
        if one.at < one.end and one.at[0] == BOOLEAN:
            if not take(&one, BOOLEAN, &value) or not reads(value, b"\xff"):
                return False
        if not take(&one, OCTET_STRING, &value) or one.at != one.end:
            return False
        kind = among(number, KNOWN)
        if kind < 0 and among(number, UNREAD) < 0:
            return False
        if kind >= 0:
            if seen >> kind & 1 or not is_plain(kind, value):
                return False
            seen |= 1 << kind
    return True


cdef int among(Span number, tuple known) noexcept:
    cdef bytes one
    cdef int index = 0
    for one in known:
        if reads(number, one):
            return index
        index += 1
    return -1


cdef bint is_plain(int kind, Span value) noexcept:
    """Whether the value of one of the KNOWN is in a usual form."""
    cdef Span found
    if kind == 0:
        return is_constraint(value)
    if kind == 1:
        return (take_bits(&value) and value.at == value.end)
    if kind == 3:
        return (take(&value, OCTET_STRING, &found) and value.at == value.end
                and found.at != found.end)
    if not take(&value, SEQUENCE, &found) or value.at != value.end or found.at == found.end:
        return False
    if kind == 4:
        return (take(&found, KEY_IDENTIFIER, &value) and found.at == found.end
                and value.at != value.end)
    while found.at < found.end:
        if not take_one(kind, &found):
            return False
    return True


cdef bint is_constraint(Span value) noexcept:
    """Of somebody who is no authority, or of one, with or without a limit."""
    cdef Span found
    if not take(&value, SEQUENCE, &found) or value.at != value.end:
        return False
    if found.at == found.end:
        return True
    if not take(&found, BOOLEAN, &value) or not reads(value, b"\xff"):
        return False
    return found.at == found.end or (
        found.end - found.at == 3 and found.at[0] == 2 and found.at[1] == 1 and found.at[2] < 0x80)


cdef bint take_bits(Span* of) noexcept:
    """A BIT STRING of the nine uses that there are of a key."""
    if of.end - of.at not in (4, 5) or of.at[0] != 3 or of.at[1] != of.end - of.at - 2:
        return False
    if of.at[2] > 7:
        return False
    of.at = of.end
    return True


cdef bint take_one(int kind, Span* of) noexcept:
    """One of a list: a purpose, a name, or where a list of what is revoked lies."""
    cdef Span found, outer
    if kind == 2:
        return take_oid(of, &found)
    if kind == 5:
        if take(of, DNS_NAME, &found):
            return is_text(found)
        return take(of, IP_ADDRESS, &found) and found.end - found.at in (4, 16)
    if not take(of, SEQUENCE, &outer) or not take(&outer, TAGGED, &found) or outer.at != outer.end:
        return False
    if not take(&found, TAGGED, &outer) or found.at != found.end:
        return False
    return take(&outer, URI, &found) and outer.at == outer.end and is_text(found)


cdef bint is_text(Span text) noexcept:
    while text.at < text.end:
        if not 0x20 < text.at[0] < 0x7f:
            return False
        text.at += 1
    return True


def plain_extensions(bytes octets not None):
    """Tell whether these extensions of a certificate, with their tag [3], are all plainly good."""
    cdef Span all = span(octets)
    return take_extensions(&all) and all.at == all.end
