"""Which codings of the content a client takes: Accept-Encoding (RFC 9110 §12.5.3).

Clients send the same few lines over and over, so what a line says is kept.
"""

DEF MOST_CODINGS = 64       # of a line that are looked at
DEF MOST_KEPT = 256         # lines
DEF LONGEST_KEPT = 256      # octets

cdef dict known = {}


cdef class Accepted:

    cpdef int quality(self, bytes coding) except -1:
        return self.qualities.get(coding, self.others)

    cpdef int preference(self, bytes coding) except -1:
        cdef int wanted = self.quality(coding)
        return wanted if wanted >= self.qualities.get(b"identity", 0) else 0


cpdef Accepted accepted(bytes line):
    cdef Accepted made
    found = known.get(line)
    if found is not None:
        return <Accepted> found
    made = _parse(line)
    if line is None or len(line) <= LONGEST_KEPT:
        if len(known) >= MOST_KEPT:
            known.clear()
        known[line] = made
    return made


cdef Accepted _parse(bytes line):
    cdef Accepted made = Accepted.__new__(Accepted)
    cdef bytes name, mark, parameters
    made.qualities = {}
    if line is None:
        return made
    for item in line.split(b",", MOST_CODINGS)[:MOST_CODINGS]:
        name, mark, parameters = (<bytes> item).partition(b";")
        name = name.strip(b" \t").lower()
        if name.startswith(b"x-"):
            name = name[2:]         # RFC 9110 §8.4.1: x-gzip is gzip
        # The first word about a coding counts.
        if name and name not in made.qualities:
            made.qualities[name] = _weight(parameters) if mark else 1000
    made.others = made.qualities.get(b"*", 0)
    return made


cdef int _weight(bytes parameters) except -1:
    """A quality value in thousandths (RFC 9110 §12.4.2); what cannot be read is 0."""
    cdef bytes name, _, value, whole, fraction
    name, _, value = parameters.strip(b" \t").partition(b"=")
    whole, _, fraction = value.partition(b".")
    if name.lower() != b"q" or whole not in (b"0", b"1") or len(fraction) > 3:
        return 0
    if fraction and not fraction.isdigit():
        return 0
    return min(1000, int(whole) * 1000 + int(fraction.ljust(3, b"0")))
