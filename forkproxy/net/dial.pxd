from forkproxy.net.stream cimport Stream


cdef class Address:
    """Where to connect to: an IP address and port, or a Unix socket, for the kernel."""

    cdef unsigned char raw[128]         # a sockaddr
    cdef unsigned int length
    cdef readonly int family
    cdef readonly bytes text  # "10.0.0.1:80", "[::1]:80", "unix:/run/app.sock": $upstream_addr


# Connect, within `limit` seconds. Raises PeerError(sent=False). Waits.
# `local`: where the connection comes from, None: the kernel's choice.
# `secure`: the stream is a TlsStream, plain until it is told to shake hands.
cdef Stream dial(Address address, double limit, bint keep_probes, Address local=*, bint secure=*)
