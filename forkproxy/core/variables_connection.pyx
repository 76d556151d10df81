"""Variables of the client's connection, and of the server that it was accepted for."""

import socket

from libc.string cimport memset

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.known cimport know, seconds
from forkproxy.core.plan cimport Server

cdef extern from "<netinet/in.h>" nogil:
    enum:
        IPPROTO_TCP

cdef extern from "<netinet/tcp.h>" nogil:
    enum:
        TCP_INFO
    struct tcp_info:
        unsigned int tcpi_rtt
        unsigned int tcpi_rttvar
        unsigned int tcpi_snd_cwnd
        unsigned int tcpi_rcv_space

cdef extern from "<sys/socket.h>" nogil:
    ctypedef unsigned int socklen_t
    int getsockopt(int fd, int level, int name, void* value, socklen_t* length)


cdef bytes packed(bytes address):
    """An address as the octets that nginx makes keys of; "unix:" stays as it is."""
    cdef str text = address.decode()
    if text.startswith("unix:"):
        return address
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


cdef bytes _remote_addr(Exchange exchange):
    return exchange.address


cdef bytes _remote_port(Exchange exchange):
    return b"%d" % exchange.port if exchange.port else b""


cdef bytes _binary_remote_addr(Exchange exchange):
    return packed(exchange.address)


cdef bytes _realip_remote_addr(Exchange exchange):
    return exchange.client.address


cdef bytes _realip_remote_port(Exchange exchange):
    return b"%d" % exchange.client.port if exchange.client.port else b""


cdef bytes _server_addr(Exchange exchange):
    return exchange.client.local_address()


cdef bytes _server_port(Exchange exchange):
    return b"%d" % exchange.client.local_port()


cdef bytes _server_name(Exchange exchange):
    return (<Server> exchange.server).name


cdef bytes _connection(Exchange exchange):
    return b"%d" % exchange.client.number


cdef bytes _connection_requests(Exchange exchange):
    return b"%d" % exchange.client.requests


cdef bytes _connection_time(Exchange exchange):
    return seconds(wall() - exchange.client.since)


cdef bytes _pipe(Exchange exchange):
    return b"p" if exchange.pipelined else b"."


cdef bint _ask_kernel(Exchange exchange, tcp_info* found) except -1:
    cdef socklen_t length = sizeof(tcp_info)
    cdef int fd = exchange.client.descriptor()
    memset(found, 0, sizeof(tcp_info))
    return fd >= 0 and getsockopt(fd, IPPROTO_TCP, TCP_INFO, found, &length) == 0


cdef bytes _tcpinfo_rtt(Exchange exchange):
    cdef tcp_info found
    return b"%d" % found.tcpi_rtt if _ask_kernel(exchange, &found) else None


cdef bytes _tcpinfo_rttvar(Exchange exchange):
    cdef tcp_info found
    return b"%d" % found.tcpi_rttvar if _ask_kernel(exchange, &found) else None


cdef bytes _tcpinfo_snd_cwnd(Exchange exchange):
    cdef tcp_info found
    return b"%d" % found.tcpi_snd_cwnd if _ask_kernel(exchange, &found) else None


cdef bytes _tcpinfo_rcv_space(Exchange exchange):
    cdef tcp_info found
    return b"%d" % found.tcpi_rcv_space if _ask_kernel(exchange, &found) else None


cdef int _fill() except -1:
    know("remote_addr", _remote_addr)
    know("remote_port", _remote_port)
    know("binary_remote_addr", _binary_remote_addr)
    know("realip_remote_addr", _realip_remote_addr)
    know("realip_remote_port", _realip_remote_port)
    know("server_addr", _server_addr)
    know("server_port", _server_port)
    know("server_name", _server_name)
    know("connection", _connection)
    know("connection_requests", _connection_requests)
    know("connection_time", _connection_time)
    know("pipe", _pipe)
    know("tcpinfo_rtt", _tcpinfo_rtt)
    know("tcpinfo_rttvar", _tcpinfo_rttvar)
    know("tcpinfo_snd_cwnd", _tcpinfo_snd_cwnd)
    know("tcpinfo_rcv_space", _tcpinfo_rcv_space)
    return 0


_fill()
