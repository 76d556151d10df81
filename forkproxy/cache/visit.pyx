"""What one exchange has to do with a cache zone, for those who ask later: variables and logs."""

from forkproxy.cache.zone cimport status_name
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable

from forkproxy.cache.reasons import Reason

cimport cython


@cython.freelist(64)
cdef class Visit:

    def __repr__(self):
        return f"<visit of {self.zone!r}: {status_name(self.status).decode()}>"


ctypedef bytes (*Getter)(Visit visit)


cdef bytes _status(Visit visit):
    return status_name(visit.status) if visit.status else None

cdef bytes _etag(Visit visit):
    return visit.etag

cdef bytes _modified(Visit visit):
    return visit.modified

cdef bytes _range(Visit visit):
    return visit.range

cdef bytes _if_range(Visit visit):
    return visit.if_range

cdef bytes _key(Visit visit):
    return visit.key

cdef bytes _age(Visit visit):
    return b"%d" % <long long> visit.age if visit.age >= 0.0 else None

cdef bytes _reason(Visit visit):
    return Reason(visit.reason).shown.encode() if visit.reason else b""


cdef class VisitVariable(Variable):
    """One of the variables that tell about the cache."""

    cdef Getter getter

    cdef bytes value(self, Exchange exchange):
        if exchange.cache is None:
            return None
        return self.getter(<Visit> exchange.cache)


cdef VisitVariable _variable(str name, Getter getter):
    cdef VisitVariable made = VisitVariable(name)
    made.getter = getter
    return made


def variables():
    """Return the variables by name."""
    return {variable.name: variable for variable in (
        _variable("upstream_cache_status", _status),
        _variable("upstream_cache_etag", _etag),
        _variable("upstream_cache_last_modified", _modified),
        _variable("upstream_cache_range", _range),
        _variable("upstream_cache_if_range", _if_range),
        _variable("upstream_cache_key", _key),
        _variable("upstream_cache_age", _age),
        _variable("upstream_cache_reason", _reason),
    )}
