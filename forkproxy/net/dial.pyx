"""Connecting to an address within a time limit, and names to addresses."""

from libc.errno cimport EINPROGRESS, EINTR, errno
from libc.string cimport memcpy, memset
from posix.unistd cimport close

import os
import socket
import struct

import gevent.hub

from forkproxy.errors import Gone, PeerError
from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Stream, set_option
from forkproxy.net.tls cimport TlsStream

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET
    int AF_INET6
    int AF_UNIX
    int SOCK_STREAM
    int SOCK_NONBLOCK
    int SOCK_CLOEXEC
    int SOL_SOCKET
    int SO_ERROR
    int SO_KEEPALIVE
    int c_socket "socket" (int family, int type, int protocol)
    cdef struct sockaddr:
        pass
    int c_connect "connect" (int fd, const sockaddr* address, unsigned int length)
    int c_bind "bind" (int fd, const sockaddr* address, unsigned int length)
    int getsockopt(int fd, int level, int name, void* value, unsigned int* length)

cdef extern from "<netinet/in.h>" nogil:
    int IPPROTO_TCP
    int IPPROTO_IP
    int IP_BIND_ADDRESS_NO_PORT

cdef extern from "<netinet/tcp.h>" nogil:
    int TCP_NODELAY

DEF LONGEST = 110       # octets of a sockaddr_un, the longest of the three


cdef class Address:

    def __init__(self, str host not None, int port=0):
        """Pack an IP address in text form with a port, or "unix:PATH".

        Raises ValueError where it is neither: names are resolved first.
        """
        if host.startswith("unix:"):
            path = os.fsencode(host[5:])
            packed = struct.pack("=H", socket.AF_UNIX) + path + b"\0"
            self.family = AF_UNIX
            self.text = os.fsencode(host)
        elif ":" in host:
            if host.startswith("[") and host.endswith("]"):
                host = host[1:-1]
            packed = struct.pack("=H2sL16sL", socket.AF_INET6, struct.pack("!H", port), 0,
                                 _packed_ip(socket.AF_INET6, host), 0)
            self.family = AF_INET6
            self.text = b"[%s]:%d" % (host.encode(), port)
        else:
            packed = struct.pack("=H2s4s8x", socket.AF_INET, struct.pack("!H", port),
                                 _packed_ip(socket.AF_INET, host))
            self.family = AF_INET
            self.text = b"%s:%d" % (host.encode(), port)
        if len(packed) > LONGEST:
            raise ValueError(f"path of the socket is too long: {host}")
        memset(self.raw, 0, sizeof(self.raw))
        memcpy(self.raw, <const char*> <bytes> packed, len(packed))
        self.length = len(packed)

    def __repr__(self):
        return f"<Address {self.text.decode(errors='replace')}>"


def address_of(str text not None):
    """Return the Address that has this text: "10.0.0.1:80", "[::1]:80" or "unix:/run/app.sock"."""
    if text.startswith("unix:"):
        return Address(text)
    host, _, port = text.rpartition(":")
    return Address(host, int(port))


def _packed_ip(family, host):
    try:
        return socket.inet_pton(family, host)
    except (OSError, UnicodeEncodeError):
        raise ValueError(f"not an IP address: {host}") from None


cdef Stream dial(Address address, double limit, bint keep_probes, Address local=None,
                 bint secure=False):
    cdef int fd, failed
    cdef Stream stream
    fd = c_socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    if fd < 0:
        raise PeerError(f"socket() failed ({errno}: {os.strerror(errno)})", sent=False)
    if address.family != AF_UNIX:
        set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1)
        if keep_probes:
            set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1)
    if local is not None and address.family != AF_UNIX:
        _bind(fd, local)
    while True:
        failed = c_connect(fd, <sockaddr*> address.raw, address.length)
        if failed == 0 or errno != EINTR:
            break
    if failed and errno != EINPROGRESS:
        failed = errno
        close(fd)
        raise _refused(failed)
    stream = TlsStream(fd, failed == 0) if secure else Stream(fd, failed == 0)
    if failed:
        _finish(stream, limit)
    # Nothing can have been sent to us yet: the first read waits at once.
    stream.readable = False
    return stream


cdef int _bind(int fd, Address local) except -1:
    cdef int failed
    # Without a port the kernel picks one when it connects, and one port serves many destinations.
    set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    if c_bind(fd, <sockaddr*> local.raw, local.length) == 0:
        return 0
    failed = errno
    close(fd)
    where = local.text.decode(errors="replace")
    raise PeerError(
        f"bind({where}) failed ({failed}: {os.strerror(failed)})", sent=False, status=500)


cdef int _finish(Stream stream, double limit) except -1:
    """Wait for the kernel's word on a connection under way."""
    cdef int failed = 0
    cdef unsigned int size = sizeof(failed)
    stream.write_by = poller.now + limit
    try:
        stream.wait_writable()
    except TimeoutError:
        stream.close()
        raise PeerError("timed out while connecting", sent=False, status=504) from None
    except Gone:
        stream.close()
        raise
    getsockopt(stream.fd, SOL_SOCKET, SO_ERROR, &failed, &size)
    if failed:
        stream.close()
        raise _refused(failed)
    stream.write_by = 0.0
    return 0


cdef _refused(int code):
    return PeerError(f"connect() failed ({code}: {os.strerror(code)})", sent=False)


def dial_stream(Address address not None, double limit, bint keep_probes=False, bint secure=False):
    """Connect within `limit` seconds; `secure`: a TlsStream, that has not shaken hands. Waits."""
    return dial(address, limit, keep_probes, None, secure)


def resolve(str host not None, int port):
    """Return the addresses of a host name, by the system's resolver in the hub's threads. Waits.

    Raises OSError (socket.gaierror) where there are none.
    """
    addresses, error = gevent.hub.get_hub().threadpool.apply(_looked_up, (host, port))
    if error is not None:
        raise error
    return addresses


def _looked_up(host, port):
    """As resolve_at_once, but an error is a value: one that crosses threads drags modules in."""
    try:
        return resolve_at_once(host, port), None
    except OSError as error:
        return [], error


def resolve_at_once(str host not None, int port):
    """Return the addresses of a host name. Blocks the whole process: for load time only.

    Raises OSError (socket.gaierror) where there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = []
    for family, _, _, _, where in found:
        if family in (socket.AF_INET, socket.AF_INET6):
            addresses.append(Address(where[0].partition("%")[0], where[1]))
    return addresses


def local_name(Stream stream not None):
    """Return (address, port) of our side of a connection, as $server_addr shows them."""
    with socket.socket(fileno=os.dup(stream.fd)) as held:
        where = held.getsockname()
    if isinstance(where, tuple):
        return where[0].encode(), where[1]
    return b"unix:" + os.fsencode(where), 0
