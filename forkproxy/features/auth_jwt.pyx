"""auth_jwt: who has a token that one of our keys has signed comes in.

    auth_jwt          "api" token=$cookie_token;
    auth_jwt_key_file conf/keys.jwk;            auth_jwt_key_request /keys;
    auth_jwt_require  $jwt_claim_admin error=403;

A token that was verified is remembered with what it says, for as long as the keys are the same; its
times are looked at each time.
"""

import os

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Slot, Variable, truth
from forkproxy.core.faults cimport fault
from forkproxy.core.known cimport know, know_family
from forkproxy.core.plan cimport PASSED, Guard, Location
from forkproxy.core.subrequest cimport ask, end, subrequest
from forkproxy.net.poller cimport poller

DEF REMEMBERED = 4096           # tokens of one location
DEF LOOK_AGAIN = 1.0            # seconds between two looks at a key file
DEF LARGEST_SET = 1048576       # octets of a key set

tokens = None                   # features.tokens, once a configuration wants it


cdef class KeyFile:
    """A key set in a file, read again when it has changed."""

    cdef str path
    cdef object state
    cdef tuple keys
    cdef double looked_at

    cdef tuple current(self, Exchange exchange):
        if self.keys is not None and poller.now - self.looked_at < LOOK_AGAIN:
            return self.keys
        self.looked_at = poller.now
        try:
            found = os.stat(self.path)
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
            if state != self.state:
                with open(self.path, "rb") as file:
                    self.keys = tokens.read_keys(file.read(LARGEST_SET))
                self.state = state
        except (OSError, ValueError) as error:
            exchange.report("error", f"JWK set \"{self.path}\" cannot be used: {error}")
        return self.keys if self.keys is not None else ()


cdef class KeyRequest:
    """A key set that a location inside answers with."""

    cdef bytes uri
    cdef double cache               # seconds
    cdef tuple keys
    cdef double until

    cdef tuple current(self, Exchange exchange):
        """The keys, asked for where they are too old. Waits."""
        cdef Exchange inner
        cdef Response answered
        cdef bytes text
        if self.keys is not None and poller.now < self.until:
            return self.keys
        inner = subrequest(exchange, self.uri, None)
        try:
            answered = ask(inner)
            text = _whole(answered)
            if answered.status != 200:
                raise ValueError(f"status {answered.status}")
            self.keys = tokens.read_keys(text)
            self.until = poller.now + self.cache
        except ValueError as error:
            exchange.report("error", f"JWK set of \"{self.uri.decode(errors='replace')}\" "
                                     f"cannot be used: {error}")
        finally:
            end(inner)
        return self.keys if self.keys is not None else ()


cdef bytes _whole(Response response):
    """The content of an answer, as far as a key set may be long. Waits."""
    cdef list pieces = []
    cdef bytes piece
    cdef Py_ssize_t length = 0
    while response.body is not None and length < LARGEST_SET:
        piece = response.body.read()
        if not piece:
            break
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)


cdef class AuthJwt(Guard):

    cdef Expression realm
    cdef Expression token           # None: Authorization: Bearer
    cdef list sources               # KeyFiles and KeyRequests
    cdef double leeway
    cdef tuple required             # (Expressions, status)
    cdef dict verified              # token to (keys, Token)

    cdef Response judge(self, Exchange exchange):
        cdef bytes text = self._text(exchange)
        if not text:
            exchange.report("info", "no JWT was provided")
            return self._ask(exchange, b"")
        try:
            exchange.marks = _with(exchange.marks, self._verified(exchange, text))
        except tokens.TokenError as error:
            exchange.report("info", f"JWT is not accepted: {error}")
            return self._ask(exchange, b', error="invalid_token"')
        for expressions, status in self.required:
            for expression in expressions:
                if not truth((<Expression> expression).evaluate(exchange)):
                    exchange.report("info", "a value that auth_jwt_require asks for is missing")
                    return fault(exchange, 403) if status == 403 else self._ask(
                        exchange, b', error="invalid_token"')
        return PASSED

    cdef bytes _text(self, Exchange exchange):
        cdef bytes field
        if self.token is not None:
            return self.token.evaluate(exchange)
        field = exchange.head.fields.get(b"authorization")
        if field is None or field[:7].lower() != b"bearer ":
            return None
        return field[7:].strip()

    cdef object _verified(self, Exchange exchange, bytes text):
        """The token, from memory or by its signature. Raises TokenError. May wait."""
        cdef tuple keys = ()
        for source in self.sources:
            if isinstance(source, KeyFile):
                keys += (<KeyFile> source).current(exchange)
            else:
                keys += (<KeyRequest> source).current(exchange)
        known = self.verified.get(text)
        if known is not None and known[0] == keys:
            tokens._check_times(known[1].claims, wall(), self.leeway)
            return known[1]
        token = tokens.verify(text, keys, wall(), self.leeway)
        while len(self.verified) >= REMEMBERED:
            del self.verified[next(iter(self.verified))]
        self.verified[text] = (keys, token)
        return token

    cdef Response _ask(self, Exchange exchange, bytes more):
        realm = self.realm.evaluate(exchange).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        realm = realm.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ")
        exchange.carry(b"WWW-Authenticate", [b'Bearer realm="%s"%s' % (realm, more)])
        return fault(exchange, 401)


cdef dict _with(marks, token):
    made = {} if marks is None else dict(marks)
    made["jwt"] = token
    return made


cdef object _token(Exchange exchange):
    marks = exchange.main().marks
    return None if marks is None else marks.get("jwt")


cdef bytes _payload(Exchange exchange):
    token = _token(exchange)
    return None if token is None else token.payload


cdef class Named(Variable):
    """$jwt_claim_name, $jwt_header_name."""

    cdef str key
    cdef bint of_header

    cdef bytes value(self, Exchange exchange):
        token = _token(exchange)
        if token is None:
            return None
        return tokens.shown((token.header if self.of_header else token.claims).get(self.key))


cdef class Picked(Slot):
    """The variable of one auth_jwt_claim_set or auth_jwt_header_set."""

    cdef tuple path
    cdef bint of_header

    cdef bytes fill(self, Exchange exchange):
        token = _token(exchange)
        if token is None:
            return None
        found = token.header if self.of_header else token.claims
        for name in self.path:
            if not isinstance(found, dict):
                return None
            found = found.get(name)
        return tokens.shown(found)


cdef Variable _claim(str name, bytes rest):
    cdef Named made = Named(name)
    made.key = name[len("jwt_claim_"):]
    return made


cdef Variable _header(str name, bytes rest):
    cdef Named made = Named(name)
    made.key = name[len("jwt_header_"):]
    made.of_header = True
    return made


know("jwt_payload", _payload)
know_family("jwt_claim_", _claim)
know_family("jwt_header_", _header)


def define(http, making):
    """Make the variables of auth_jwt_claim_set and auth_jwt_header_set known."""
    cdef Picked made
    for directive in ("auth_jwt_claim_set", "auth_jwt_header_set"):
        for line in http.lines(directive):
            made = Picked(line.value.name, making.next_index())
            made.path = line.value.path
            made.of_header = directive == "auth_jwt_header_set"
            making.slots[line.value.name] = made


def install(scope, Location location not None, making):
    """Hang the auth_jwt of a scope on a location's access phase."""
    cdef AuthJwt made
    settings = scope.value("auth_jwt")
    if settings is None:
        return
    _need_tokens()
    made = AuthJwt.__new__(AuthJwt)
    made.realm = making.expression(settings.realm)
    made.token = making.expression(settings.token) if settings.token else None
    made.sources = [_file(line.value) for line in scope.lines("auth_jwt_key_file")]
    made.sources += [_request(line.value, scope) for line in scope.lines("auth_jwt_key_request")]
    made.leeway = scope.value("auth_jwt_leeway")
    made.required = tuple(
        (tuple(making.expression(text) for text in line.value.texts), line.value.status)
        for line in scope.lines("auth_jwt_require"))
    made.verified = {}
    location.access = location.access + (made,)


cdef KeyFile _file(path):
    cdef KeyFile made = KeyFile.__new__(KeyFile)
    made.path = path
    return made


cdef KeyRequest _request(uri, scope):
    cdef KeyRequest made = KeyRequest.__new__(KeyRequest)
    made.uri = uri.encode("utf-8", "surrogateescape")
    made.cache = scope.value("auth_jwt_key_cache")
    return made


def _need_tokens():
    """Import what verifies: 42 MiB, so only where it is wanted, and before the fork shares them."""
    global tokens
    if tokens is None:
        from forkproxy.features import tokens as found
        tokens = found
