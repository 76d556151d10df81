cpdef bytes http_date(long long seconds)        # IMF-fixdate, RFC 9110 §5.6.7
# Seconds since 1970, or -1 for what is none of the three forms.
cpdef long long parse_http_date(bytes text) except? -2
# The same for numbers, `month` from 0; -1 for what is no moment, or before 1970.
cdef long long moment(int year, int month, int day, int hour, int minute, int second) noexcept
