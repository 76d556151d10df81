from forkproxy.net.stream cimport Stream

# Carry octets both ways until both sides have ended, or for `limit` seconds nothing moved (then
# TimeoutError). Half-closes are passed on. Waits.
cdef int relay(Stream one, Stream other, double limit) except -1
