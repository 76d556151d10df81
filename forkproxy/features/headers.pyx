"""expires, add_header, add_trailer: fields for answers of good status, or of any with `always`."""

import time

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Filter, Location
from forkproxy.wire.fields cimport one_line
from forkproxy.wire.names cimport LAST_MODIFIED, NameSet

from forkproxy.config.directives.headers import Moment, parse_expires
from forkproxy.wire.dates import http_date, parse_http_date

DEF FAR = b"Thu, 31 Dec 2037 23:55:55 GMT"
DEF LONG_AGO = b"Thu, 01 Jan 1970 00:00:01 GMT"

# The statuses whose answers get what has no `always`.
cdef frozenset GOOD = frozenset((200, 201, 204, 206, 301, 302, 303, 304, 307, 308))

# What a location hides of an upstream, less one name: made once, by (NameSet, name).
cdef dict less = {}


cdef class Expires(Filter):
    """The expires directive of one location."""

    cdef object fixed               # config.directives.headers.Expires; None: `given` says it
    cdef Expression given
    cdef bint modified              # what `given` comes to counts from Last-Modified

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bytes text
        if response.status not in GOOD:
            return 0
        expires = self.fixed
        if expires is None:
            text = self.given.evaluate(exchange)
            try:
                expires = parse_expires(text.decode("latin-1"), self.modified)
            except ValueError:
                return 0            # nginx too: a value that means nothing changes nothing
        _set_expires(response, expires)
        return 0


cdef int _set_expires(Response response, expires) except -1:
    cdef long long now, at, age
    cdef bytes changed
    moment = expires.moment
    if moment is Moment.OFF:
        return 0
    if moment is Moment.EPOCH:
        return _put(response, LONG_AGO, b"no-cache")
    if moment is Moment.MAX:
        return _put(response, FAR, b"max-age=315360000")
    now = <long long> wall()
    age = expires.seconds
    if moment is Moment.DAILY:
        at = _next(now, age)
        age = at - now
    else:
        at = now + age
        changed = response.fields.known_value(LAST_MODIFIED)
        if moment is Moment.MODIFIED and age and changed is not None:
            at = parse_http_date(changed) + age
            age = at - now
    if at < 0 or age < 0:
        return _put(response, http_date(max(at, 0)), b"no-cache")
    return _put(response, http_date(at), b"max-age=%d" % age)


cdef long long _next(long long now, long long of_day):
    """When it is next that time of the day, in local time."""
    cdef long long at
    local = time.localtime(now)
    midnight = time.mktime((local.tm_year, local.tm_mon, local.tm_mday, 0, 0, 0, 0, 0, -1))
    at = <long long> midnight + of_day
    if at > now:
        return at
    tomorrow = time.mktime((local.tm_year, local.tm_mon, local.tm_mday + 1, 0, 0, 0, 0, 0, -1))
    return <long long> tomorrow + of_day


cdef int _put(Response response, bytes date, bytes cache_control) except -1:
    response.fields.set(b"Expires", date)
    response.fields.set(b"Cache-Control", cache_control)
    return 0


cdef class AddHeaders(Filter):
    """The add_header lines of one location."""

    # (name, in lower case, Expression, always, whether it replaces others)
    cdef list lines

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bint good = response.status in GOOD
        cdef bytes value
        for name, lower, expression, always, replaces in self.lines:
            if not (good or always):
                continue
            value = (<Expression> expression).evaluate(exchange)
            if value and response.hidden is not None and <bytes> lower in response.hidden.names:
                _show(response, <bytes> lower)
            if replaces:
                response.fields.remove(<bytes> lower)
            if value:
                # A value from a variable must not start a field of its own (deviation D2).
                response.fields.add(<bytes> name, one_line(value))
        return 0


cdef int _show(Response response, bytes name) except -1:
    """What *_hide_header takes from an upstream's answer is not what is added here."""
    cdef tuple key = (response.hidden, name)
    found = less.get(key)
    if found is None:
        found = less[key] = NameSet(response.hidden.names - {name})
    response.fields.remove(name)
    response.hidden = <NameSet> found
    return 0


cdef class AddTrailers(Filter):
    """The add_trailer lines of one location."""

    cdef tuple always               # (name, Expression)
    cdef tuple good                 # all of them

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef tuple lines = self.good if response.status in GOOD else self.always
        if lines:
            response.trailers = lines
        return 0


def install(scope, Location location not None, making):
    """Hang expires, add_header and add_trailer of a scope on a location's filters."""
    expires = _made_expires(scope, making)
    added = inherited(scope, "add_header")
    trailers = inherited(scope, "add_trailer")
    filters = []
    if expires is not None:
        filters.append(expires)
    if added:
        filters.append(_made_headers(added, making))
    if trailers:
        filters.append(_made_trailers(trailers, making))
    location.filters = location.filters + tuple(filters)


def inherited(scope, name):
    """Return the lines of add_header or add_trailer that hold in a scope: *_inherit has a say."""
    own = list(scope.own(name))
    rule = scope.value(name + "_inherit")
    if scope.kind == "http" or rule == "off" or own and rule == "on":
        return own
    return own + inherited(scope.parent, name)


def _made_expires(scope, making):
    cdef Expires made
    given = scope.value("expires")
    if given is None or given.moment is Moment.OFF:
        return None
    made = Expires.__new__(Expires)
    if given.template is None:
        made.fixed = given
    else:
        made.given = making.expression(given.template)
        made.modified = given.moment is Moment.MODIFIED
    return made


def _made_headers(lines, making):
    cdef AddHeaders made = AddHeaders.__new__(AddHeaders)
    made.lines = [
        (
            line.value.name.encode(),
            line.value.name.lower().encode(),
            making.expression(line.value.value),
            line.value.always,
            line.value.name.lower() in ("last-modified", "etag"),
        )
        for line in lines
    ]
    return made


def _made_trailers(lines, making):
    cdef AddTrailers made = AddTrailers.__new__(AddTrailers)
    every = [
        (line.value.always, (line.value.name.encode(), making.expression(line.value.value)))
        for line in lines
    ]
    made.good = tuple(pair for _, pair in every)
    made.always = tuple(pair for always, pair in every if always)
    return made
