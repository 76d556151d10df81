"""ssi: commands in a page are replaced by what they come to, while the page is sent.

    <!--# include virtual="/head" -->       <!--# echo var="uri" default="none" -->
    <!--# set var="a" value="$uri" -->
    <!--# if expr="$a = /x/" --> … <!--# else --> … <!--# endif -->

include, echo, set, if, elif, else, endif, block, endblock and config. Includes are asked for one
after another, each when the text before it has been sent.
"""

from libc.string cimport memcpy
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.content cimport Wrapped, content_changes, forget_validators
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.plan cimport Filter, Location
from forkproxy.core.subrequest cimport ask, end, subrequest
from forkproxy.wire.fields cimport CONTENT_TYPE
from forkproxy.wire.target cimport normalise_path

from forkproxy.core.variables import find
from forkproxy.errors import PeerError, ProtocolError
from forkproxy.features.ssi_commands import CommandError, encode, expand, holds, parse_command

DEF LONGEST_COMMAND = 8192      # octets: what is longer is text
DEF MOST_KEPT = 65536           # octets of an include that goes into a variable

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
        cdef bytes media
        cdef Page page
        if response.status == 101 or response.body is None and exchange.method != b"HEAD":
            return 0
        media = response.fields.known_value(CONTENT_TYPE)
        if self.types is not None and (
                media is None or media.partition(b";")[0].strip().lower() not in self.types):
            return 0
        if response.body is None:
            page = None
        else:
            page = Page(response.body)
            page.ssi = self
            page.exchange = exchange
            page.text = page.out = b""
            page.errmsg = b"" if self.silent else SORRY
            page.conditions = []
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
    cdef bint over                  # the page has been read to its end
    cdef Exchange included          # whose answer is being sent
    cdef Body body                  # and its content
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
            elif self.text or not self.over:
                self._go_on()
            else:
                self.trailers = self.inner.trailers
                return 0

    cdef Py_ssize_t _of_included(self, char* into, Py_ssize_t room) except -1:
        try:
            return self.body.read_into(into, room)
        except PeerError as error:
            self.included.report("error", error.reason)
            return 0

    cdef int _leave(self) except -1:
        self.body = None
        if self.included is not None:
            end(self.included)
            self.included = None
        return 0

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
            self.out += text
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
                    self._command(name, given)
        except (CommandError, ProtocolError) as error:
            self.exchange.report("error", f"SSI: {error} in \"{command.decode(errors='replace')}\"")
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
        return bool(holds(given[b"expr"], self._lookup))

    cdef int _command(self, bytes name, dict given) except -1:
        if name == b"echo":
            self._echo(given)
        elif name == b"include":
            self._include(given)
        elif name == b"set":
            self._variables()[_needed(given, b"var").lower()] = expand(
                _needed(given, b"value"), self._lookup)
        elif name == b"block":
            self.block = _needed(given, b"name")
            self.kept = []
        elif name == b"endblock":
            if self.block is not None:
                if self.blocks is None:
                    self.blocks = {}
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
            self.out += given.get(b"default", b"(none)" if found is None else b"")
        else:
            self.out += encode(found, given.get(b"encoding", b"entity"))
        return 0

    cdef int _include(self, dict given) except -1:
        cdef bytes where, path, mark, args
        cdef Response answered
        given_uri = given.get(b"virtual") or given.get(b"file")
        if not given_uri:
            raise CommandError("no virtual")
        where = expand(given_uri, self._lookup)
        if not where.startswith(b"/"):
            where = self.exchange.uri[:self.exchange.uri.rfind(b"/") + 1] + where
        path, mark, args = where.partition(b"?")
        path = normalise_path(path, True)
        self.included = subrequest(self.exchange, path, args if mark else None)
        try:
            answered = ask(self.included)
        except PeerError as error:
            raise CommandError(error.reason) from None
        if b"set" in given:
            self._variables()[given[b"set"].lower()] = _content(answered.body)
            return self._leave()
        self.body = answered.body
        if b"stub" in given and self.blocks is not None and given[b"stub"] in self.blocks and (
                self.body is None or self.body.length == 0 or answered.status >= 300):
            self._leave()
            self.text = <bytes> self.blocks[given[b"stub"]] + self.text
        elif self.body is None:
            self._leave()
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
        finally:
            self.inner.close()


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
