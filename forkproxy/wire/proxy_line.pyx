"""The PROXY protocol, versions 1 and 2: who the client is, said by a proxy in front of us.

https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt. A header that is not one of these two
is an error, never a request: whoever guesses here lets clients choose their own address.
"""

import socket
import struct

from libc.string cimport memchr, memcmp

from forkproxy.errors import ProtocolError

MOST = 4096                     # octets of a header, additions included; nginx's limit too
DEF LONGEST_LINE = 107          # of version 1, with CR LF
DEF FIXED = 16                  # octets of version 2 before the addresses
cdef bytes SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
cdef const char* signature = SIGNATURE

# nginx's names for the types of additions ($proxy_protocol_tlv_…).
TLVS = {
    "alpn": 0x01, "authority": 0x02, "crc32c": 0x03, "noop": 0x04, "unique_id": 0x05, "ssl": 0x20,
    "netns": 0x30,
}
# Those inside the record `ssl`.
cdef dict SSL_TLVS = {
    "version": 0x21, "cn": 0x22, "cipher": 0x23, "sig_alg": 0x24, "key_alg": 0x25,
}
DEF SSL_FIXED = 5               # octets of that record before its own additions


cdef class ProxyLine:

    cpdef bytes tlv(self, str name):
        """Return an addition by nginx's name for it, or by its number ("0xea"); None without."""
        cdef bytes inner
        if self.additions is None:
            return None
        if not name.startswith("ssl_"):
            return _addition(self.additions, _number(name, TLVS))
        inner = _addition(self.additions, TLVS["ssl"])
        if inner is None or len(inner) < SSL_FIXED:
            return None
        if name == "ssl_verify":
            return b"%d" % struct.unpack_from("!I", inner, 1)
        return _addition(inner[SSL_FIXED:], _number(name[4:], SSL_TLVS))


cdef int _number(str name, dict known) except -2:
    """The type that a name stands for; -1 for none."""
    if name.startswith("0x"):
        try:
            return int(name, 16)
        except ValueError:
            return -1
    return known.get(name, -1)


cdef bytes _addition(bytes records, int wanted):
    cdef Py_ssize_t at = 0, length
    while at + 3 <= len(records):
        length = (<unsigned char> records[at + 1] << 8) | <unsigned char> records[at + 2]
        if at + 3 + length > len(records):
            return None
        if <unsigned char> records[at] == wanted:
            return records[at + 3:at + 3 + length]
        at += 3 + length
    return None


cdef ProxyLine parse_proxy_line(const char* octets, Py_ssize_t count, Py_ssize_t* length):
    cdef Py_ssize_t known = min(count, <Py_ssize_t> 12)
    length[0] = 0
    if memcmp(octets, signature, known) == 0:
        return _version_2(octets, count, length)
    known = min(count, <Py_ssize_t> 6)
    if memcmp(octets, b"PROXY ", known) == 0:
        return _version_1(octets, count, length)
    raise ProtocolError("broken PROXY header")


cdef ProxyLine _version_1(const char* octets, Py_ssize_t count, Py_ssize_t* length):
    cdef const char* end = <const char*> memchr(octets, c"\n", min(count, LONGEST_LINE))
    cdef ProxyLine made
    cdef bytes line
    if end == NULL:
        if count >= LONGEST_LINE:
            raise ProtocolError("broken PROXY header")
        return None
    line = octets[:end - octets + 1]
    if not line.endswith(b"\r\n"):
        raise ProtocolError("broken PROXY header")
    length[0] = len(line)
    made = ProxyLine.__new__(ProxyLine)
    words = line[:-2].split(b" ")
    if words[1] == b"UNKNOWN":
        return made
    if len(words) != 6 or words[1] not in (b"TCP4", b"TCP6"):
        raise ProtocolError("broken PROXY header")
    family = socket.AF_INET if words[1] == b"TCP4" else socket.AF_INET6
    made.address, made.server_address = (_address(family, word) for word in words[2:4])
    made.port, made.server_port = (_port(word) for word in words[4:])
    return made


cdef bytes _address(family, bytes text):
    """An address in its usual form, whatever form it came in."""
    try:
        packed = socket.inet_pton(family, text.decode("ascii"))
    except (OSError, ValueError):
        raise ProtocolError("broken PROXY header") from None
    return socket.inet_ntop(family, packed).encode()


cdef int _port(bytes text) except -1:
    if not text.isdigit() or len(text) > 5 or int(text) > 65535:
        raise ProtocolError("broken PROXY header")
    return int(text)


cdef ProxyLine _version_2(const char* octets, Py_ssize_t count, Py_ssize_t* length):
    cdef const unsigned char* head = <const unsigned char*> octets
    cdef ProxyLine made
    cdef Py_ssize_t size, addresses
    if count < FIXED:
        return None
    if head[12] >> 4 != 2:
        raise ProtocolError(f"unknown PROXY protocol version: {head[12] >> 4}")
    size = FIXED + ((head[14] << 8) | head[15])
    if size > MOST:
        raise ProtocolError("too long PROXY header")
    if count < size:
        return None
    length[0] = size
    made = ProxyLine.__new__(ProxyLine)
    if head[12] & 15 == 0:
        return made             # LOCAL: the proxy itself asks, for its health checks
    if head[12] & 15 != 1 or head[13] & 15 != 1:
        # Neither LOCAL nor PROXY, or no stream: "the receiver must accept … as unspecified".
        return made
    addresses = {1: 12, 2: 36, 3: 216}.get(head[13] >> 4, 0)
    if size < FIXED + addresses:
        raise ProtocolError("broken PROXY header")
    _take_addresses(made, head[13] >> 4, octets[FIXED:FIXED + addresses])
    made.additions = octets[FIXED + addresses:size]
    return made


cdef int _take_addresses(ProxyLine made, int family, bytes octets) except -1:
    if family == 1:
        source, target, made.port, made.server_port = struct.unpack("!4s4sHH", octets)
        made.address = socket.inet_ntop(socket.AF_INET, source).encode()
        made.server_address = socket.inet_ntop(socket.AF_INET, target).encode()
    elif family == 2:
        source, target, made.port, made.server_port = struct.unpack("!16s16sHH", octets)
        made.address = socket.inet_ntop(socket.AF_INET6, source).encode()
        made.server_address = socket.inet_ntop(socket.AF_INET6, target).encode()
    elif family == 3:
        source, target = struct.unpack("!108s108s", octets)
        made.address = b"unix:" + source.split(b"\0")[0]
        made.server_address = b"unix:" + target.split(b"\0")[0]
    return 0


def parse(bytes octets not None):
    """Return (ProxyLine, its length in octets), or (None, 0) where more is to come.

    Raises ProtocolError.
    """
    cdef Py_ssize_t length = 0
    found = parse_proxy_line(octets, len(octets), &length)
    return found, length


def write_line(bytes address not None, int port, bytes server_address not None, int server_port):
    """Return a header of version 1; "unix:" addresses are unknown to it."""
    if address.startswith(b"unix:"):
        return b"PROXY UNKNOWN\r\n"
    family = b"TCP6" if b":" in address else b"TCP4"
    if (b":" in server_address) != (family == b"TCP6") or server_address.startswith(b"unix:"):
        return b"PROXY UNKNOWN\r\n"
    return b"PROXY %s %s %s %d %d\r\n" % (family, address, server_address, port, server_port)


def local_record():
    """Return a header of version 2 for a connection that carries no client's requests."""
    return SIGNATURE + struct.pack("!BBH", 0x20, 0, 0)


def write_record(bytes address not None, int port, bytes server_address not None, int server_port,
                 bytes tlvs=b""):
    """Return a header of version 2 with these type-length-value records."""
    cdef bytes body
    unix = address.startswith(b"unix:") or server_address.startswith(b"unix:")
    six = b":" in address
    if unix or six != (b":" in server_address):
        body = tlvs
        return SIGNATURE + struct.pack("!BBH", 0x21, 0, len(body)) + body
    family = socket.AF_INET6 if six else socket.AF_INET
    body = (socket.inet_pton(family, address.decode())
            + socket.inet_pton(family, server_address.decode())
            + struct.pack("!HH", port, server_port) + tlvs)
    return SIGNATURE + struct.pack("!BBH", 0x21, 0x21 if six else 0x11, len(body)) + body
