"""Certificates and keys of the usual kinds, judged by their octets alone.

OpenSSL takes a third of a millisecond to read a certificate with its key and to find that they
belong together: with ten thousand servers that is the start. Nearly all are of a few kinds and
written in the one way that DER allows, so that a comparison of octets says the same: what passes
here, OpenSSL takes too. What does not pass is not wrong: OpenSSL is asked, and says what is.

Told apart are NIST's curves P-256 and P-384 and RSA from 2,048 bits on, signed with SHA-2, which
are what public authorities issue, and what OpenSSL's levels of security up to 2 let pass.
"""

from forkproxy.wire.der cimport (
    Span, reads, same, span, take, take_integer, take_octets, take_oid, take_time,
)
from forkproxy.wire.extensions cimport take_extensions

from binascii import Error as NotBase64
from binascii import a2b_base64

DEF INTEGER = 0x02          # tags of DER
DEF OCTET_STRING = 0x04
DEF UTF8 = 0x0c
DEF PRINTABLE = 0x13
DEF IA5 = 0x16
DEF SEQUENCE = 0x30
DEF SET = 0x31
DEF TAGGED = 0xa0           # [0]; [1] and so on follow

DEF LEAST_RSA = 256         # octets of the modulus
DEF MOST_RSA = 2048

cdef bytes BEGIN = b"-----BEGIN CERTIFICATE-----\n"
cdef bytes END = b"\n-----END CERTIFICATE-----"
cdef dict KEYS = {
    b"-----BEGIN PRIVATE KEY-----": b"\n-----END PRIVATE KEY-----",
    b"-----BEGIN EC PRIVATE KEY-----": b"\n-----END EC PRIVATE KEY-----",
    b"-----BEGIN RSA PRIVATE KEY-----": b"\n-----END RSA PRIVATE KEY-----",
}

# AlgorithmIdentifiers, without their own tag and length (RFC 5480, RFC 5758, RFC 8017).
cdef bytes P256 = bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107")
cdef bytes P384 = bytes.fromhex("06072a8648ce3d020106052b81040022")
cdef bytes RSA = bytes.fromhex("06092a864886f70d0101010500")
cdef tuple SIGNATURES = tuple([bytes.fromhex(text) for text in (
    "06082a8648ce3d040302", "06082a8648ce3d040303", "06082a8648ce3d040304",
    "06092a864886f70d01010b0500", "06092a864886f70d01010c0500", "06092a864886f70d01010d0500")])


cdef bint take_name(Span* of) noexcept:
    """A Name whose values are text of ASCII."""
    cdef Span name, several, one, number, text
    if not take(of, SEQUENCE, &name):
        return False
    while name.at < name.end:
        if not take(&name, SET, &several) or several.at == several.end:
            return False
        while several.at < several.end:
            if not take(&several, SEQUENCE, &one) or not take_oid(&one, &number):
                return False
            if one.at == one.end or one.at[0] not in (UTF8, PRINTABLE, IA5):
                return False
            if not take(&one, one.at[0], &text):
                return False
            if one.at != one.end or text.at == text.end:
                return False
            while text.at < text.end:
                if not 0x20 <= text.at[0] < 0x7f:
                    return False
                text.at += 1
    return True


cdef struct Public:
    Span algorithm
    Span key                # a point of a curve, or a modulus
    Span exponent           # RSA's


cdef bint take_public(Span* of, Public* into) noexcept:
    """A SubjectPublicKeyInfo of the kinds above."""
    cdef Span info, octets, numbers
    if not take(of, SEQUENCE, &info) or not take(&info, SEQUENCE, &into.algorithm):
        return False
    if not take_octets(&info, &octets) or info.at != info.end:
        return False
    if is_point(into.algorithm, octets):
        into.key = octets
        return True
    if not reads(into.algorithm, RSA) or not take(&octets, SEQUENCE, &numbers):
        return False
    if not take_integer(&numbers, &into.key) or not take_integer(&numbers, &into.exponent):
        return False
    return octets.at == octets.end and numbers.at == numbers.end and is_strong(into)


cdef bint is_point(Span algorithm, Span octets) noexcept:
    """Whether the octets have the form of a point of that curve, uncompressed.

    Whether it lies on the curve is not asked: of a chain OpenSSL asks, and who has the key of a
    certificate has its point.
    """
    cdef Py_ssize_t length = octets.end - octets.at
    return octets.at[0] == 4 and (length == 65 and reads(algorithm, P256)
                                  or length == 97 and reads(algorithm, P384))


cdef bint is_strong(Public* of) noexcept:
    cdef Py_ssize_t length = of.key.end - of.key.at
    if not LEAST_RSA <= length <= MOST_RSA or not of.key.at[0] & 0x80 or not of.key.end[-1] & 1:
        return False
    length = of.exponent.end - of.exponent.at
    return length <= 4 and of.exponent.end[-1] & 1 and (length > 1 or of.exponent.at[0] >= 3)


cdef bint read_certificate(bytes octets, Public* public, double* expires) noexcept:
    """A Certificate (RFC 5280 §4.1) of version 3."""
    cdef Span all = span(octets), certificate, body, algorithm, found, validity
    cdef double begins
    if not take(&all, SEQUENCE, &certificate) or all.at != all.end:
        return False
    if not take(&certificate, SEQUENCE, &body) or not take(&certificate, SEQUENCE, &algorithm):
        return False
    if not take_octets(&certificate, &found) or certificate.at != certificate.end:
        return False
    if not take(&body, TAGGED, &found) or not reads(found, b"\x02\x01\x02"):
        return False
    if not take_integer(&body, &found) or not take(&body, SEQUENCE, &found):
        return False
    if not same(found, algorithm) or not signed_well(algorithm) or not take_name(&body):
        return False
    if not take(&body, SEQUENCE, &validity) or not take_time(&validity, &begins):
        return False
    if not take_time(&validity, expires) or validity.at != validity.end:
        return False
    return (take_name(&body) and take_public(&body, public) and take_extensions(&body)
            and body.at == body.end)


cdef bint signed_well(Span algorithm) noexcept:
    cdef bytes one
    for one in SIGNATURES:
        if reads(algorithm, one):
            return True
    return False


cdef bint fits(bytes octets, Public* public) noexcept:
    """Whether a private key is that of a public one: as OpenSSL by the public half it carries."""
    cdef Span all = span(octets), key, found
    if not take(&all, SEQUENCE, &key) or all.at != all.end or not take(&key, INTEGER, &found):
        return False
    if reads(found, b"\0") and key.at < key.end and key.at[0] == SEQUENCE:
        # PKCS #8 (RFC 5958): the algorithm, then the key as the others have it bare.
        if not take(&key, SEQUENCE, &found) or not same(found, public.algorithm):
            return False
        if not take(&key, OCTET_STRING, &all) or key.at != key.end:
            return False
        if not take(&all, SEQUENCE, &key) or all.at != all.end or not take(&key, INTEGER, &found):
            return False
    if reads(public.algorithm, RSA):
        return reads(found, b"\0") and fits_rsa(&key, public)
    return reads(found, b"\x01") and fits_curve(&key, public)


cdef bint fits_rsa(Span* key, Public* public) noexcept:
    """RFC 8017 A.1.2: modulus, exponent, and six more numbers."""
    cdef Span found
    cdef int _index
    if not take_integer(key, &found) or not same(found, public.key):
        return False
    if not take_integer(key, &found) or not same(found, public.exponent):
        return False
    for _index in range(6):
        if not take_integer(key, &found):
            return False
    return key.at == key.end


cdef bint fits_curve(Span* key, Public* public) noexcept:
    """RFC 5915: the private number, perhaps the curve, and the point."""
    cdef Span found, tagged
    if not take(key, OCTET_STRING, &found):
        return False
    if found.end - found.at != (public.key.end - public.key.at) // 2:
        return False
    # Neither nought nor beyond the order, which begins with four octets of ones.
    tagged = Span(found.at, found.at + 4)
    if reads(tagged, b"\0\0\0\0") or reads(tagged, b"\xff\xff\xff\xff"):
        return False
    if key.at < key.end and key.at[0] == TAGGED:
        if not take(key, TAGGED, &found):
            return False
        tagged = Span(public.algorithm.at + 9, public.algorithm.end)
        if not same(found, tagged):
            return False
    if not take(key, TAGGED + 1, &tagged) or key.at != key.end:
        return False
    return (take_octets(&tagged, &found) and tagged.at == tagged.end
            and same(found, public.key))


cdef bytes payload(bytes text):
    """What base64 in lines of 64 stands for; None where it is written otherwise."""
    cdef bytes ends = text[64::65]
    if text.count(b"\n") != len(ends) or ends.strip(b"\n"):
        return None
    try:
        return a2b_base64(text.replace(b"\n", b""), strict_mode=True)
    except NotBase64:
        return None


def read_plain(bytes certificate not None, bytes key not None):
    """Return a certificate in DER, when it ends (wall seconds), and the PEM of its chain.

    None where one of them is not of the usual kinds, or the key is not the certificate's: what is
    wrong, if anything is, OpenSSL can tell.
    """
    cdef Public public, other
    cdef double expires = 0, ignored = 0
    cdef list found = split(certificate)
    cdef bytes leaf, each
    if not found:
        return None
    leaf = found[0]
    for each in found[1:]:
        if not read_certificate(each, &other, &ignored):
            return None
    if not read_certificate(leaf, &public, &expires) or not fits_pem(key, &public):
        return None
    return leaf, expires, certificate[certificate.find(END) + len(END):].lstrip(b"\n")


cdef list split(bytes text):
    """The certificates of PEM in DER; None where anything else stands there."""
    cdef list found = []
    cdef bytes each, octets
    cdef bytes start, mark, rest
    text = text.removesuffix(b"\n")
    if not text.endswith(END):
        return None
    for each in text.split(END + b"\n"):
        start, mark, rest = each.removesuffix(END).partition(BEGIN)
        octets = payload(rest) if mark and not start else None
        if octets is None:
            return None
        found.append(octets)
    return found


cdef bint fits_pem(bytes text, Public* public):
    cdef bytes begin, rest, end, found
    begin, _, rest = text.removesuffix(b"\n").partition(b"\n")
    end = KEYS.get(begin)
    if end is None or not rest.endswith(end):
        return False
    found = payload(rest[:-len(end)])
    return found is not None and fits(found, public)
