cpdef bytes http_date(long long seconds)        # IMF-fixdate, RFC 9110 §5.6.7
cpdef long long parse_http_date(bytes text) except? -2    # seconds since 1970, or -1: all three forms
