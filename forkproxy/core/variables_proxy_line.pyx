"""$proxy_protocol_*: what a proxy in front of us said of its client, before anything else came."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable
from forkproxy.core.known cimport know, know_family
from forkproxy.wire.proxy_line cimport ProxyLine


cdef bytes _addr(Exchange exchange):
    cdef ProxyLine line = exchange.client.proxy_line
    return None if line is None else line.address


cdef bytes _port(Exchange exchange):
    cdef ProxyLine line = exchange.client.proxy_line
    return None if line is None or line.address is None else b"%d" % line.port


cdef bytes _server_addr(Exchange exchange):
    cdef ProxyLine line = exchange.client.proxy_line
    return None if line is None else line.server_address


cdef bytes _server_port(Exchange exchange):
    cdef ProxyLine line = exchange.client.proxy_line
    return None if line is None or line.address is None else b"%d" % line.server_port


cdef class ProxyAddition(Variable):
    """$proxy_protocol_tlv_name: what a header of version 2 says besides the addresses."""

    cdef str addition

    cdef bytes value(self, Exchange exchange):
        cdef ProxyLine line = exchange.client.proxy_line
        return None if line is None else line.tlv(self.addition)


cdef Variable _addition(str name, bytes rest):
    cdef ProxyAddition made = ProxyAddition(name)
    made.addition = rest.decode()
    return made


cdef int _fill() except -1:
    know("proxy_protocol_addr", _addr)
    know("proxy_protocol_port", _port)
    know("proxy_protocol_server_addr", _server_addr)
    know("proxy_protocol_server_port", _server_port)
    know_family("proxy_protocol_tlv_", _addition)
    return 0


_fill()
