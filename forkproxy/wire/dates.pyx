"""HTTP dates (RFC 9110 §5.6.7)."""

import time
from calendar import timegm
from email.utils import parsedate

cdef tuple DAYS = (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun")
cdef tuple MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun",
                     b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")


cpdef bytes http_date(long long seconds):
    """Return the IMF-fixdate of a moment, in seconds since 1970."""
    moment = time.gmtime(seconds)
    return b"%s, %02d %s %d %02d:%02d:%02d GMT" % (
        DAYS[moment.tm_wday], moment.tm_mday, MONTHS[moment.tm_mon - 1], moment.tm_year,
        moment.tm_hour, moment.tm_min, moment.tm_sec)


cpdef long long parse_http_date(bytes text) except? -2:
    """Return seconds since 1970, or -1 for what is none of the three forms."""
    try:
        found = parsedate(text.decode("ascii"))
        if found is None or found[0] < 1900:
            return -1
        return max(-1, timegm(found))
    except (UnicodeDecodeError, ValueError, TypeError, IndexError, OverflowError):
        return -1
