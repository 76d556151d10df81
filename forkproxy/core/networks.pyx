"""Which network an address is in, and which address a chain of proxies speaks for.

Networks become spans of numbers, sorted: a look is a search by halving, whatever their number, and
the longest prefix has won when the table was made.
"""

import socket
from bisect import bisect_right


cdef class Spans:

    def __init__(self, spans, otherwise=None):
        """Take (first, last, value), each inside of an earlier one or beside all of them."""
        # The widest first: what lies inside another is put over it.
        ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
        self.starts, self.values = [0], [otherwise]
        open_ones = [(None, otherwise)]             # (last, value), the innermost last
        for first, last, value in ordered:
            self._close(open_ones, first)
            self._begin(first, value)
            open_ones.append((last, value))
        self._close(open_ones, None)

    def _close(self, open_ones, before):
        """End the spans that end before a number; None: all."""
        while len(open_ones) > 1 and (before is None or open_ones[-1][0] < before):
            last, _ = open_ones.pop()
            self._begin(last + 1, open_ones[-1][1])

    def _begin(self, start, value):
        if self.starts[-1] == start:
            self.values[-1] = value
        else:
            self.starts.append(start)
            self.values.append(value)

    cdef object find(self, object number):
        return self.values[bisect_right(self.starts, number) - 1]

    def __getitem__(self, number):
        return self.find(number)


cdef class Networks:

    def __init__(self, networks, bint sockets=False):
        """Take ipaddress networks; `sockets`: whether Unix sockets are among them."""
        spans = {4: [], 6: []}
        for network in networks:
            first, last = int(network.network_address), int(network.broadcast_address)
            spans[network.version].append((first, last, True))
        self.four = Spans(spans[4], False)
        self.six = Spans(spans[6], False)
        self.sockets = sockets

    cdef bint has(self, bytes address) except -1:
        cdef bint four = False
        number = number_of(address, &four)
        if number is None:
            return self.sockets and address.startswith(b"unix:")
        return self.four.find(number) if four else self.six.find(number)

    def __contains__(self, bytes address not None):
        return self.has(address)


cdef object number_of(bytes address, bint* four):
    cdef str text = address.decode("latin-1")
    try:
        if ":" not in text:
            four[0] = True
            return int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big")
        four[0] = False
        packed = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return None
    if packed.startswith(b"\0\0\0\0\0\0\0\0\0\0\xff\xff"):
        four[0] = True
        packed = packed[12:]
    return int.from_bytes(packed, "big")


cpdef tuple forwarded(bytes address, list lines, Networks trusted, bint recursive):
    cdef tuple found = None
    cdef bytes rest, one
    for line in reversed(lines):
        rest = <bytes> line
        while True:
            if not trusted.has(address):
                return found
            rest = rest.rstrip(b" ,")
            one = rest[max(rest.rfind(b" "), rest.rfind(b",")) + 1:]
            parsed = split_port(one)
            if parsed is None:
                return found
            found = parsed
            address = parsed[0]
            if not recursive:
                return found
            rest = rest[:len(rest) - len(one)]
            if not rest.strip(b" ,"):
                break
    return found


cpdef tuple split_port(bytes text):
    """Take "1.2.3.4:80", "[::1]:80" or either without a port apart; None for what is no address."""
    cdef bytes host = text, port = b""
    cdef bint four = False
    if text.startswith(b"["):
        host, bracket, port = text[1:].partition(b"]")
        if not bracket or port and not port.startswith(b":"):
            return None
        port = port[1:]
    elif text.count(b":") == 1:
        host, _, port = text.partition(b":")
    if port and not port.isdigit() or len(port) > 5:
        return None
    if number_of(host, &four) is None:
        return (text, 0) if text == b"unix:" else None
    return host, int(port or b"0")
