"""Cache poisoning and cache deception: what is not stored, however fresh it says it is.

Poisoning: an answer that something outside of the key has changed (a body, another method, a host
in X-Forwarded-Host) would be given to others. Deception: /account/x.css is the account's page to
the origin and a style sheet to us, and would be given to whoever asks for the style sheet.
"""

import re

from forkproxy.cache.decide cimport (
    CONFUSING_PATH, DECEPTIVE_SUFFIX, METHOD_OVERRIDE, REQUEST_BODY, STORED, UNKEYED_FIELD,
)
from forkproxy.core.bodies cimport Stored
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport CONTENT_TYPE, NameSet

cdef NameSet OVERRIDES = NameSet((
    b"x-http-method-override", b"x-http-method", b"x-method-override"))
# Names that frameworks build URLs and routes from. X-Forwarded-For and -Proto are everywhere, and
# tell who asked rather than what for.
cdef tuple UNKEYED = (
    b"x-forwarded-host", b"x-forwarded-server", b"x-forwarded-scheme", b"x-forwarded-prefix",
    b"x-host", b"x-original-url", b"x-rewrite-url", b"x-original-host", b"x-forwarded-path",
)
cdef NameSet ANY_UNKEYED = NameSet(UNKEYED)
# What one side decodes, or takes for a separator or an end, and the other does not.
cdef object CONFUSING = re.compile(
    rb"(?i)%(?:00|0a|0d|09|5c)|\\|(?:/|%2f)(?:\.|%2e){1,2}(?:/|%2f|;|$)")
cdef object STATIC = re.compile(
    rb"(?i)\.(?:css|js|mjs|json|map|png|jpe?g|gif|webp|avif|svg|ico|bmp|woff2?|ttf|otf|eot"
    rb"|mp[34]|m4[av]|webm|ogg|wav|flac|pdf|zip|gz|bz2|xz|7z|rar|tar|exe|dmg|iso|csv"
    rb"|docx?|xlsx?|pptx?)$")


cdef class Suspicion:

    cdef int of_request(self, Exchange exchange) except -1:
        cdef Fields asked = exchange.head.fields
        if exchange.head.content_length > 0 or exchange.head.chunked:
            if not self.body_keyed or _out_of_sight(exchange):
                return REQUEST_BODY
        if asked.has_any(OVERRIDES):
            return METHOD_OVERRIDE
        if exchange.head.path is not None and _confusing(exchange.head.path):
            return CONFUSING_PATH
        return STORED

    cdef int of_answer(self, Exchange exchange, Response response) except -1:
        cdef Fields asked = exchange.head.fields
        cdef bytes media
        if asked.has_any(ANY_UNKEYED):
            for name in UNKEYED:
                if asked.find(<bytes> name) >= 0 and not self._told_apart(response.fields, name):
                    return UNKEYED_FIELD
        if response.status == 200:
            media = response.fields.known_value(CONTENT_TYPE)
            if media is not None and media[:9].lower() == b"text/html" \
                    and STATIC.search(exchange.uri) is not None:
                return DECEPTIVE_SUFFIX
        return STORED

    def _told_apart(self, Fields fields, bytes name):
        """Whether the origin does not see a field, or its answers are kept apart by it."""
        if name in self.replaced.names or name in self.keyed:
            return True
        vary = fields.joined(b"vary")
        return vary is not None and name in [one.strip() for one in vary.lower().split(b",")]


cdef bint _out_of_sight(Exchange exchange):
    """Whether the content lies in a file, where $request_body does not see it."""
    return exchange.stored_body is None or (<Stored> exchange.stored_body).octets is None


cdef bint _confusing(bytes path):
    """Whether CONFUSING is in a path: looked for only where one of its octets is."""
    return ((b"%" in path or b"\\" in path or b"/." in path)
            and CONFUSING.search(path) is not None)
