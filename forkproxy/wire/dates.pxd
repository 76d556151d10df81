cpdef bytes http_date(long long seconds)        # IMF-fixdate, RFC 9110 §5.6.7
# Seconds since 1970, or -1 for what is none of the three forms.
cpdef long long parse_http_date(bytes text) except? -2
