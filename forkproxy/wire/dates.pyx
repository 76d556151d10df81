"""HTTP dates (RFC 9110 §5.6.7): written in one form, read in three."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcmp, memcpy

cdef enum:
    DAY = 86400
    NO_DATE = -1

cdef const char* DAYS = "SunMonTueWedThuFriSat"
cdef const char* MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
cdef tuple LONG_DAYS = (
    b"Sunday", b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday")

# The first second of year 1, and the last of year 9999: more has no form.
cdef long long FIRST = -62135596800
cdef long long LAST = 253402300799


cpdef bytes http_date(long long seconds):
    """Return the IMF-fixdate of a moment, in seconds since 1970; years 1 to 9999."""
    cdef bytes made = PyBytes_FromStringAndSize(b"Sun, 06 Nov 1994 08:49:37 GMT", 29)
    cdef char* text = PyBytes_AS_STRING(made)
    cdef long long days, left
    cdef int year, month, day
    seconds = min(max(seconds, FIRST), LAST)
    days = seconds // DAY if seconds >= 0 else -((DAY - 1 - seconds) // DAY)
    left = seconds - days * DAY
    _civil(days, &year, &month, &day)
    memcpy(text, DAYS + 3 * (((days + 4) % 7 + 7) % 7), 3)      # 1970 began on a Thursday
    _two(text + 5, day)
    memcpy(text + 8, MONTHS + 3 * (month - 1), 3)
    _two(text + 12, year // 100)
    _two(text + 14, year % 100)
    _two(text + 17, left // 3600)
    _two(text + 20, left // 60 % 60)
    _two(text + 23, left % 60)
    return made


cdef void _two(char* to, int number) noexcept:
    to[0] = <char> (c"0" + number // 10)
    to[1] = <char> (c"0" + number % 10)


cdef void _civil(long long days, int* year, int* month, int* day) noexcept:
    """The date so many days after 1970-01-01, for years from 0 (Hinnant, "chrono-Compatible
    Low-Level Date Algorithms": years begin in March, so that a leap day ends one)."""
    cdef long long from_march = days + 719468
    cdef long long era = from_march // 146097           # of 400 years
    cdef int of_era = <int> (from_march - era * 146097)
    cdef int years = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    cdef int of_year = of_era - (365 * years + years // 4 - years // 100)
    cdef int march_month = (5 * of_year + 2) // 153
    day[0] = of_year - (153 * march_month + 2) // 5 + 1
    month[0] = march_month + 3 if march_month < 10 else march_month - 9
    year[0] = <int> (years + era * 400) + (month[0] <= 2)


cdef long long _days(int year, int month, int day) noexcept:
    """The inverse of _civil."""
    cdef int march_year = year - (month <= 2)
    cdef int era = march_year // 400
    cdef int years = march_year - era * 400
    cdef int of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146097LL + years * 365 + years // 4 - years // 100 + of_year - 719468


cpdef long long parse_http_date(bytes text) except? -2:
    """Return seconds since 1970, or -1 for what is none of the three forms, or before 1970.

    The name of the day is not compared with the date: no recipient needs it.
    """
    cdef const char* data = PyBytes_AS_STRING(text)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(text), mark
    if length == 29 and memcmp(data + 3, b", ", 2) == 0 and memcmp(data + 25, b" GMT", 4) == 0:
        # Sun, 06 Nov 1994 08:49:37 GMT
        if _index(data, DAYS, 7) < 0 or data[7] != c" " or data[11] != c" ":
            return NO_DATE
        return _moment(_number(data + 12, 4), _month(data + 8), _number(data + 5, 2), data + 16)
    if length == 24 and data[3] == c" ":
        # Sun Nov  6 08:49:37 1994
        if _index(data, DAYS, 7) < 0 or data[7] != c" " or data[19] != c" ":
            return NO_DATE
        return _moment(_number(data + 20, 4), _month(data + 4), _day(data + 8), data + 10)
    mark = text.find(b",")
    if mark < 0 or text[:mark] not in LONG_DAYS:
        return NO_DATE
    data += mark
    if length - mark != 24 or data[1] != c" " or data[4] != c"-" or data[8] != c"-" \
            or memcmp(data + 20, b" GMT", 4) != 0:
        return NO_DATE
    # Sunday, 06-Nov-94 08:49:37 GMT
    return _moment(_short_year(data + 9), _month(data + 5), _number(data + 2, 2), data + 11)


cdef long long _moment(int year, int month, int day, const char* time) noexcept:
    """`month` from 0; -1 stands for what was not read. `time`: " 08:49:37"."""
    if time[0] != c" " or time[3] != c":" or time[6] != c":":
        return NO_DATE
    return moment(year, month, day, _number(time + 1, 2), _number(time + 4, 2),
                  _number(time + 7, 2))


cdef long long moment(int year, int month, int day, int hour, int minute, int second) noexcept:
    if year < 1970 or month < 0 or month > 11 or day < 1 or day > _length(year, month):
        return NO_DATE
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 60:
        return NO_DATE
    return _days(year, month + 1, day) * DAY + hour * 3600 + minute * 60 + second


cdef int _length(int year, int month) noexcept:
    """The days of a month, which counts from 0."""
    if month == 1:
        return 28 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 30 if month == 3 or month == 5 or month == 8 or month == 10 else 31


cdef int _index(const char* text, const char* names, int count) noexcept:
    """Which of the names of three letters this is, or -1."""
    cdef int index
    for index in range(count):
        if memcmp(text, names + 3 * index, 3) == 0:
            return index
    return -1


cdef int _month(const char* text) noexcept:
    return _index(text, MONTHS, 12)


cdef int _number(const char* text, int digits) noexcept:
    cdef int index, number = 0
    for index in range(digits):
        if not c"0" <= text[index] <= c"9":
            return -1
        number = number * 10 + (text[index] - c"0")
    return number


cdef int _day(const char* text) noexcept:
    """Two digits, the first may be a space: asctime's."""
    return _number(text + 1, 1) if text[0] == c" " else _number(text, 2)


cdef int _short_year(const char* text) noexcept:
    """A year of two digits: 1970 to 2069, as nginx reads it.

    RFC 9110 §5.6.7 has it depend on today's date; nothing here knows that.
    """
    cdef int year = _number(text, 2)
    if year < 0:
        return -1
    return year + (2000 if year < 70 else 1900)
