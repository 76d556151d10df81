"""ssi: commands in a page are replaced by what they come to, while the page is sent.

    <!--# include virtual="/head" -->       <!--# echo var="uri" default="none" -->
    <!--# set var="a" value="$uri" -->
    <!--# if expr="$a = /x/" --> … <!--# else --> … <!--# endif -->

include, echo, set, if, elif, else, endif, block, endblock and config. Before an include is waited
for, what is there of the page behind it is looked through, and all that it includes is asked for at
once; where an include says `wait` or `set`, what is behind it may depend on it, and waits.
"""

from libc.string cimport memcpy
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.bodies cimport OctetsBody
from forkproxy.core.content cimport Wrapped, content_changes, forget_validators, has_type
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.plan cimport Filter, Location
from forkproxy.features.ssi_include cimport Included, included
from forkproxy.wire.target cimport normalise_path

from forkproxy.core.variables import find
from forkproxy.errors import PeerError, ProtocolError
from forkproxy.features.ssi_commands import (
    CommandError, encode, expand, holds, parse_command, waits,
)

DEF LONGEST_COMMAND = 8192      # octets: what is longer is text
DEF MOST_KEPT = 65536           # octets of an include that goes into a variable
DEF MOST_AHEAD = 65536          # octets of a page that are looked through before an include is sent
DEF MOST_PARTS = 64             # texts and includes that are known of then

cdef bytes OPENS = b"<!--#"
cdef bytes ENDS = b"-->"
cdef bytes SORRY = b"[an error occurred while processing the directive]"


cdef class Ssi(Filter):

    cdef object types               # media types, None: all
    cdef bint keep_validators
    cdef bint silent
    cdef dict slots                 # variables of the configuration

    def __init__(self):
        self.inside = True

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef Page page
        if response.status == 101 or response.body is None and exchange.method != b"HEAD":
            return 0
        if not has_type(response, self.types):
            return 0
        if response.body is None:
            page = None
        else:
            page = _page(response.body, self, exchange)
            page.blocks = {}
            page.errmsg = b"" if self.silent else SORRY
        content_changes(response, page)
        if not self.keep_validators:
            forget_validators(response)
        return 0


cdef class Page(Wrapped):
    """A page whose commands are carried out as it is read."""

    cdef Ssi ssi
    cdef Exchange exchange
    cdef bytes text                 # read, and not yet looked at
    cdef bytes out                  # to be sent
    cdef list parts                 # and behind it: texts, and Includeds whose turn comes
    cdef Py_ssize_t ahead           # octets of these texts
    cdef bint over                  # the page has been read to its end
    cdef Included sent              # whose answer is being sent
    cdef Included awaited           # nothing behind it is looked at before it has been
    cdef Body body                  # content of what is being sent
    cdef list conditions            # of each open `if`: True: shown, False: not yet, None: no more
    cdef bytes block                # of an open `block`: its name; what it holds is a stub
    cdef list kept                  # its text
    cdef dict blocks
    cdef bytes errmsg
    cdef bytes timefmt

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        while True:
            if self.out:
                count = min(room, PyBytes_GET_SIZE(self.out))
                memcpy(into, PyBytes_AS_STRING(self.out), count)
                self.out = self.out[count:]
                return count
            if self.body is not None:
                count = self._of_included(into, room)
                if count:
                    return count
                self._leave()
            elif self.parts:
                self._next_part()
            elif self.text or not self.over:
                self._go_on()
            else:
                self.trailers = self.inner.trailers
                return 0

    cdef Py_ssize_t _of_included(self, char* into, Py_ssize_t room) except -1:
        try:
            return self.body.read_into(into, room)
        except PeerError as error:
            if self.sent is None:
                raise
            self.sent.inner.report("error", error.reason)
            return 0

    cdef int _leave(self) except -1:
        cdef Included sent = self.sent
        self.body = None
        self.sent = None
        if sent is not None:
            if self.awaited is sent:
                self.awaited = None
            sent.leave()
        return 0

    cdef int _next_part(self) except -1:
        """Go on to the next text, or to an include, once all that are known of are asked for."""
        cdef Included part
        if isinstance(self.parts[0], bytes):
            self.out = <bytes> self.parts.pop(0)
            self.ahead -= PyBytes_GET_SIZE(self.out)
            return 0
        self._look_ahead()
        for other in self.parts[1:]:
            if isinstance(other, Included):
                (<Included> other).ask_now()
        part = <Included> self.parts.pop(0)
        self.sent = part
        try:
            self._take(part, part.answer())
        except PeerError as error:
            self._leave()
            self._report(error.reason, part.command)
            self.out = self.errmsg
        return 0

    cdef int _look_ahead(self) except -1:
        """Go through what is there of the page, without waiting."""
        while self.awaited is None and len(self.parts) < MOST_PARTS and self.ahead < MOST_AHEAD:
            if not self._has_command() and (self.over or not self._something_is_there()):
                return 0
            self._go_on()
        return 0

    cdef bint _has_command(self) except -1:
        cdef Py_ssize_t mark = self.text.find(OPENS)
        return mark >= 0 and self.text.find(ENDS, mark) >= 0

    cdef bint _something_is_there(self) except -1:
        cdef const char* octets = NULL
        return self.inner.at_hand(&octets) > 0

    cdef int _take(self, Included part, Response answered) except -1:
        """It is the turn of an include, which has been answered."""
        cdef Body body = answered.body
        if part.variable is not None:
            self._variables()[part.variable] = _content(body)
            return self._leave()
        if part.stub is not None and (body is None or body.length == 0 or answered.status >= 300):
            self._leave()
            self.body = self._stub(part.stub)
        elif body is None:
            self._leave()
        else:
            self.body = body
        return 0

    cdef Page _stub(self, bytes text):
        """A block, as a page of its own."""
        cdef Page made = _page(OctetsBody(text), self.ssi, self.exchange)
        made.blocks = self.blocks
        made.errmsg = self.errmsg
        made.timefmt = self.timefmt
        return made

    cdef int _go_on(self) except -1:
        """Read more of the page where needed, then pass text on or carry one command out."""
        cdef Py_ssize_t mark, stop
        cdef bytes piece
        mark = self.text.find(OPENS)
        stop = self.text.find(ENDS, mark) if mark >= 0 else -1
        if stop < 0 and not self.over and (mark < 0 or len(self.text) - mark < LONGEST_COMMAND):
            piece = self.inner.read()
            self.over = not piece
            if mark < 0:
                # What may be the beginning of a command waits for the rest of it.
                mark = _held(self.text)
                self._show(self.text[:len(self.text) - mark])
                self.text = self.text[len(self.text) - mark:] + piece
            else:
                self.text += piece
            return 0
        if stop < 0:
            self._show(self.text)
            self.text = b""
            return 0
        self._show(self.text[:mark])
        command = self.text[mark + len(OPENS):stop]
        self.text = self.text[stop + len(ENDS):]
        self._carry_out(command)
        return 0

    cdef int _show(self, bytes text) except -1:
        if not text or not self._shown():
            return 0
        if self.block is not None:
            self.kept.append(text)
        else:
            self._put(text)
        return 0

    cdef int _put(self, bytes text) except -1:
        if self.parts:
            self.parts.append(text)
            self.ahead += PyBytes_GET_SIZE(text)
        else:
            self.out += text
        return 0

    cdef int _report(self, reason, bytes command) except -1:
        self.exchange.report("error", f"SSI: {reason} in \"{command.decode(errors='replace')}\"")
        return 0

    cdef bint _shown(self):
        for condition in self.conditions:
            if condition is not True:
                return False
        return True

    cdef int _carry_out(self, bytes command) except -1:
        try:
            name, given = parse_command(command)
            if name in (b"if", b"elif", b"else", b"endif"):
                self._branch(name, given)
            elif self._shown():
                if self.block is not None and name != b"endblock":
                    self.kept.append(OPENS + command + ENDS)
                else:
                    self._command(name, given, command)
        except (CommandError, ProtocolError) as error:
            self._report(error, command)
            self._show(self.errmsg)
        return 0

    cdef int _branch(self, bytes name, dict given) except -1:
        cdef list open_ones = self.conditions
        if name == b"if":
            if not self._shown():
                open_ones.append(None)
            else:
                open_ones.append(self._holds(given))
            return 0
        if not open_ones:
            raise CommandError("no if before it")
        if name == b"endif":
            open_ones.pop()
        elif open_ones[-1] is False:
            open_ones.pop()     # the conditions around it decide whether this one is asked
            open_ones.append(self._holds(given) if name == b"elif" else True)
        else:
            open_ones[-1] = None
        return 0

    cdef object _holds(self, dict given):
        if b"expr" not in given:
            raise CommandError("no expr")
        return bool(holds(given[b"expr"], self._lookup, self._variables()))

    cdef int _command(self, bytes name, dict given, bytes command) except -1:
        if name == b"echo":
            self._echo(given)
        elif name == b"include":
            self._include(given, command)
        elif name == b"set":
            self._variables()[_needed(given, b"var").lower()] = expand(
                _needed(given, b"value"), self._lookup)
        elif name == b"block":
            self.block = _needed(given, b"name")
            self.kept = []
        elif name == b"endblock":
            if self.block is not None:
                self.blocks[self.block] = b"".join(self.kept)
                self.block = None
        elif name == b"config":
            self.errmsg = given.get(b"errmsg", self.errmsg)
            self.timefmt = given.get(b"timefmt", self.timefmt)
        else:
            raise CommandError("unknown command")
        return 0

    cdef int _echo(self, dict given) except -1:
        found = self._lookup(_needed(given, b"var"))
        if not found:
            self._put(given.get(b"default", b"(none)" if found is None else b""))
        else:
            self._put(encode(found, given.get(b"encoding", b"entity")))
        return 0

    cdef int _include(self, dict given, bytes command) except -1:
        cdef bytes where, path, mark, args
        cdef Included made
        given_uri = given.get(b"virtual") or given.get(b"file")
        if not given_uri:
            raise CommandError("no virtual")
        where = expand(given_uri, self._lookup)
        if not where.startswith(b"/"):
            where = self.exchange.uri[:self.exchange.uri.rfind(b"/") + 1] + where
        path, mark, args = where.partition(b"?")
        path = normalise_path(path, True)
        made = included(self.exchange, path, args if mark else None, command)
        if b"set" in given:
            made.variable = given[b"set"].lower()
        if b"stub" in given and given[b"stub"] in self.blocks:
            made.stub = <bytes> self.blocks[given[b"stub"]]
        if b"set" in given or b"file" in given or waits(given):
            self.awaited = made
        self.parts.append(made)
        return 0

    cdef dict _variables(self):
        """Those of SSI, which all pages of one request of a client share."""
        cdef Exchange main = self.exchange.main()
        if main.marks is None:
            main.marks = {}
        return <dict> main.marks

    def _lookup(self, bytes name):
        """Return the value of a variable: of SSI, else of the configuration or nginx's own."""
        cdef str bare = name.decode().lower()
        found = self._variables().get(name.lower())
        if found is not None:
            return found
        if bare in ("date_local", "date_gmt") and self.timefmt is not None:
            return _date(bare, self.timefmt)
        variable = self.ssi.slots.get(bare) or find(bare)
        return None if variable is None else (<Variable> variable).value(self.exchange)

    cpdef void close(self):
        try:
            self._leave()
            for part in self.parts:
                if isinstance(part, Included):
                    (<Included> part).leave()
            self.parts = []
        finally:
            self.inner.close()


cdef Page _page(Body body, Ssi ssi, Exchange exchange):
    cdef Page made = Page(body)
    made.ssi = ssi
    made.exchange = exchange
    made.text = made.out = b""
    made.parts = []
    made.conditions = []
    return made


cdef bytes _date(str which, bytes form):
    import time

    from forkproxy import clock
    now = clock.wall()
    moment = time.localtime(now) if which == "date_local" else time.gmtime(now)
    if form == b"%s":
        return b"%d" % now
    return time.strftime(form.decode("utf-8", "replace"), moment).encode()


cdef bytes _needed(dict given, bytes name):
    found = given.get(name)
    if found is None:
        raise CommandError(f"no {name.decode()}")
    return <bytes> found


cdef bytes _content(Body body):
    cdef list pieces = []
    cdef Py_ssize_t sum = 0
    while body is not None and sum < MOST_KEPT:
        piece = body.read()
        if not piece:
            break
        sum += len(piece)
        pieces.append(piece)
    return b"".join(pieces)[:MOST_KEPT]


cdef Py_ssize_t _held(bytes text):
    """How many octets at the end of a text may be the beginning of a command."""
    cdef Py_ssize_t count
    for count in range(min(len(OPENS) - 1, len(text)), 0, -1):
        if text.endswith(OPENS[:count]):
            return count
    return 0


def install(scope, Location location not None, making):
    """Hang SSI on a location's filters, where its scope says so."""
    cdef Ssi made
    if not scope.value("ssi"):
        return
    made = Ssi()
    types = scope.value("ssi_types")
    made.types = None if "*" in types else frozenset(one.encode() for one in types)
    made.keep_validators = scope.value("ssi_last_modified")
    made.silent = scope.value("ssi_silent_errors")
    made.slots = making.slots
    location.filters = location.filters + (made,)
