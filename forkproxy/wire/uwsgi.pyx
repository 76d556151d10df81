"""uwsgi: a header of four octets, variables with their lengths, then the content as it is."""

from cpython.bytes cimport PyBytes_GET_SIZE

from forkproxy.wire.writer cimport Writer

from forkproxy.errors import ProtocolError

DEF MOST = 65535        # lengths are two octets


cdef int put_param(Writer to, bytes name, bytes value) except -1:
    _put_short(to, PyBytes_GET_SIZE(name))
    to.put_bytes(name)
    _put_short(to, PyBytes_GET_SIZE(value))
    return to.put_bytes(value)


cdef int put_params(Writer to, Writer params, int modifier1, int modifier2) except -1:
    cdef char octet = <char> modifier1
    to.put(&octet, 1)
    _put_short(to, params.used)
    octet = <char> modifier2
    to.put(&octet, 1)
    return to.put(params.data, params.used)


cdef int _put_short(Writer to, Py_ssize_t number) except -1:
    """Two octets, the lower one first."""
    cdef unsigned char octets[2]
    if number > MOST:
        raise ProtocolError(f"uwsgi request is too big: {number} octets", status=500)
    octets[0] = <unsigned char> number
    octets[1] = <unsigned char> (number >> 8)
    return to.put(<char*> octets, 2)


def request(list params not None, bytes content not None=b"", int modifier1=0, int modifier2=0):
    """Return a whole request as octets: [(name, value)] and its content. Raises ProtocolError."""
    cdef Writer to = Writer(), pairs = Writer()
    for name, value in params:
        put_param(pairs, name, value)
    put_params(to, pairs, modifier1, modifier2)
    to.put_bytes(content)
    return to.taken()
