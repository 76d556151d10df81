from forkproxy.core.exchange cimport Exchange
from forkproxy.upstream.forward cimport Forward


cdef class Gateway(Forward):
    """What fastcgi_pass, scgi_pass or uwsgi_pass says of one location: an application behind it."""

    # (name, Expression, whether an empty value is left out): what the _param lines say
    cdef public tuple params
    cdef public tuple cache_params      # the same for what is to be stored
    cdef public frozenset named         # names of params that fields of the request do not set
    cdef public frozenset cache_named

    # [(name, value)]: all that the application is told, but its content
    cdef list params_of(self, Exchange exchange)
    cdef int _fields_of(self, Exchange exchange, list params, frozenset named) except -1
