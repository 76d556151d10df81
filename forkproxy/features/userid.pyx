"""userid: a cookie by which a browser is known again, as mod_uid of Apache made them.

Sixteen octets: the server's address or its number, the second, the process, and how many it has
made. What tells one browser from another is a number that anybody can read, and no secret.
"""

import ipaddress
import os
import struct
from base64 import b64decode, b64encode

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.plan cimport Filter, Location

from forkproxy.config.directives.userid import MAX
from forkproxy.wire.dates import http_date

DEF ENCODED = 22            # letters of sixteen octets, without the two "=" behind them
DEF FIRST_V2 = 0x03030302   # of the numbers, so that all its octets are there
DEF STEP = 0x100
DEF SHORT_YEARS = 2145916800        # from 2038 on cookies' dates have all digits of the year

cdef bytes LATEST = b"; expires=Thu, 31-Dec-37 23:55:55 GMT"
cdef tuple FLAGS = ("secure", "httponly", "samesite=strict", "samesite=lax", "samesite=none")

# What this process makes its next one of. A child begins anew: it has another number.
cdef int process = -1
cdef unsigned int begun = 0
cdef unsigned int next_v1 = 1
cdef unsigned int next_v2 = FIRST_V2


cdef class Found:
    """What one request's cookie said, and what is said to it."""

    cdef bytes cookie       # as it came; None
    cdef bytes got          # sixteen octets; None
    cdef bytes set          # None: the browser keeps what it has
    cdef bint reset
    cdef bint decided


cdef class Userid(Filter):

    cdef str mode           # log, v1, on
    cdef bytes name
    cdef Variable cookie
    cdef Variable reset
    cdef bytes service      # four octets; None: our address
    cdef bytes mark         # b"": none
    cdef long long expires  # seconds; 0: none, MAX
    cdef bytes attributes   # behind the moment it expires
    cdef bytes p3p

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef Found found = self.decided(exchange)
        if found.set is None:
            return 0
        response.fields.add(b"Set-Cookie", b"".join((
            self.name, b"=", self._value(found), self._expiry(), self.attributes)))
        if self.p3p:
            response.fields.add(b"P3P", self.p3p)
        return 0

    cdef Found found(self, Exchange exchange):
        """What the cookie of a request says; looked at once."""
        cdef Found made
        if exchange.marks is None:
            exchange.marks = {}
        known = (<dict> exchange.marks).get("userid")
        if known is not None:
            return <Found> known
        made = exchange.marks["userid"] = Found.__new__(Found)
        made.cookie = self.cookie.value(exchange)
        if made.cookie is None:
            return made
        if len(made.cookie) < ENCODED:
            exchange.report("error", 'client sent too short userid cookie "%s"'
                            % made.cookie.decode("latin-1"))
            return made
        try:
            made.got = b64decode(made.cookie[:ENCODED] + b"==", validate=True)
        except ValueError:
            exchange.report("error", 'client sent invalid userid cookie "%s"'
                            % made.cookie.decode("latin-1"))
        if made.got is not None and made.got[12:] == bytes(4):
            made.got = None
        return made

    cdef Found decided(self, Exchange exchange):
        """The same, and whether the browser is sent a cookie."""
        cdef Found found = self.found(exchange)
        cdef bytes reset
        if found.decided or self.mode == "log":
            return found
        found.decided = True
        if found.got is not None:
            reset = self.reset.value(exchange)
            if not reset or reset == b"0":
                if self.mark and found.cookie[ENCODED:ENCODED + 2] != self.mark + b"=":
                    found.set = found.got
                return found
            found.reset = True
            if reset == b"log":
                exchange.report("notice", 'userid cookie "%s" was reset'
                                % shown(self.name, found.got).decode("latin-1"))
        found.set = self._made(exchange)
        return found

    cdef bytes _made(self, Exchange exchange):
        global next_v1, next_v2
        cdef unsigned int number, second = <unsigned int> wall()
        _begin()
        if self.mode == "v1":
            number = next_v1
            next_v1 += STEP
            service = 0 if self.service is None else struct.unpack(">I", self.service)[0]
            return struct.pack("=4I", service, second, begun, number)
        number = next_v2
        next_v2 += STEP
        if next_v2 < FIRST_V2:
            next_v2 = FIRST_V2
        return (self.service or _address(exchange)) + struct.pack(">3I", second, begun, number)

    cdef bytes _value(self, Found found):
        cdef bytes text
        if found.got is not None and not found.reset:
            return found.cookie[:ENCODED] + self.mark + b"="
        text = b64encode(found.set)
        return text[:ENCODED] + self.mark + b"=" if self.mark else text

    cdef bytes _expiry(self):
        cdef long long until
        cdef bytes date
        if self.expires == 0:
            return b""
        if self.expires == <long long> MAX:
            return LATEST
        until = <long long> wall() + self.expires
        date = http_date(until)         # Sun, 06 Nov 1994 08:49:37 GMT
        year = date[12:16] if until >= SHORT_YEARS else date[14:16]
        return b"; expires=%b-%b-%b%b" % (date[:7], date[8:11], year, date[16:])


cdef int _begin() except -1:
    global process, begun
    if process != os.getpid():
        process = os.getpid()
        begun = <unsigned int> ((<long long> (wall() * 1e6) % 1000000 // 20 << 16) | process)
    return 0


cdef bytes _address(Exchange exchange):
    """The last four octets of the address that the client has found us at."""
    cdef bytes text = exchange.client.local_address()
    try:
        return ipaddress.ip_address(text.decode()).packed[-4:]
    except ValueError:
        return bytes(4)         # a Unix socket's


cdef bytes shown(bytes name, bytes uid):
    return b"%b=%08X%08X%08X%08X" % (name, *struct.unpack("=4I", uid))


cdef class Uid(Variable):
    """$uid_got and $uid_set."""

    cdef dict settings          # Location to Userid
    cdef bint given             # what is sent, rather than what came

    cdef bytes value(self, Exchange exchange):
        cdef Exchange main = exchange.main()
        cdef Userid userid = self.settings.get(main.location)
        cdef bytes uid
        if userid is None:
            return None
        uid = userid.decided(main).set if self.given else userid.found(main).got
        return None if uid is None else shown(userid.name, uid)


cdef class Reset(Variable):
    """$uid_reset, where the configuration does not define it."""

    cdef bytes value(self, Exchange exchange):
        return b""


def define(making):
    """Define the variables, before anything is compiled that may use them."""
    cdef Uid got = Uid("uid_got"), given = Uid("uid_set")
    got.settings = given.settings = {}
    given.given = True
    making.slots["uid_got"] = got
    making.slots["uid_set"] = given
    making.slots["uid_reset"] = Reset("uid_reset")


def install(scope, Location location not None, making):
    """Hang the cookie on a location's answers, where its scope wants it."""
    cdef Userid made
    mode = scope.value("userid")
    if mode == "off":
        return
    made = Userid.__new__(Userid)
    made.mode = mode
    made.name = scope.value("userid_name").encode()
    made.cookie = making.variable("cookie_" + scope.value("userid_name"))
    made.reset = making.variable("uid_reset")
    service = scope.value("userid_service")
    made.service = None if service is None else struct.pack(">I", service)
    made.mark = scope.value("userid_mark").encode()
    made.expires = scope.value("userid_expires")
    made.attributes = _attributes(scope).encode()
    made.p3p = scope.value("userid_p3p").encode()
    (<Uid> making.slots["uid_got"]).settings[location] = made
    if mode != "log":
        location.filters = location.filters + (made,)


def _attributes(scope):
    domain = scope.value("userid_domain")
    parts = [f"domain={domain}"] if domain else []
    parts.append(f"path={scope.value('userid_path')}")
    parts += [flag for flag in FLAGS if flag in scope.value("userid_flags")]
    return "".join(f"; {part}" for part in parts)
