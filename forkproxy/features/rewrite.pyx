"""The rewrite module: set, if, rewrite, return, break, in the order they stand in.

A level's directives are compiled to instructions; `if` has instructions of its own, and in a
location it is a location too: when its condition holds, its settings hold from there on.
"""

import os
import stat

from forkproxy.core.bodies cimport OctetsBody
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Slot, Variable, truth
from forkproxy.core.faults cimport fault, moved
from forkproxy.core.plan cimport Location, Origin, Step
from forkproxy.core.router cimport keep_captures
from forkproxy.features.static cimport Root
from forkproxy.wire.target cimport escape_args, escape_path

from forkproxy.config.directives.rewrite import Test
from forkproxy.config.scope import Scope

cdef frozenset REDIRECTS = frozenset((301, 302, 303, 307, 308))


cdef enum Outcome:
    GO_ON
    STOP            # the rest of this level's instructions is not run
    ANSWER          # `exchange.response` is the answer


cdef class Instruction:

    cdef Outcome do(self, Exchange exchange) except *:
        raise NotImplementedError


cdef class Set(Instruction):
    """set $variable value;"""

    cdef Slot variable
    cdef Expression value

    cdef Outcome do(self, Exchange exchange) except *:
        self.variable.keep(exchange, self.value.evaluate(exchange))
        return GO_ON


cdef class SetArgs(Instruction):
    """set $args value; the only one of the built-in variables that changes the request."""

    cdef Expression value

    cdef Outcome do(self, Exchange exchange) except *:
        exchange.args = self.value.evaluate(exchange)
        exchange.as_sent = False
        return GO_ON


cdef class Break(Instruction):

    cdef Outcome do(self, Exchange exchange) except *:
        if exchange.uri_changed:
            exchange.uri_kept = True        # as after `rewrite … break`
        exchange.uri_changed = False
        return STOP


# Of these an answer without text says no type, or has a page of ours.
cdef frozenset UNTYPED = REDIRECTS | {204, 304}


cdef class Return(Instruction):
    """return status [text]; return URL;"""

    cdef int status
    cdef Expression text            # None: no text

    cdef Outcome do(self, Exchange exchange) except *:
        cdef Response response
        cdef bytes text
        if self.text is None:
            exchange.response = response = fault(exchange, self.status)
            if 200 <= self.status < 400 and self.status not in UNTYPED:
                response.fields.add(b"Content-Type", exchange.default_type())   # of nothing
            return ANSWER
        text = self.text.evaluate(exchange)
        if self.status in REDIRECTS:
            exchange.response = moved(exchange, self.status, _one_line(text))
            return ANSWER
        response = Response(self.status)
        if self.status != 204 and self.status != 304 and self.status >= 200:
            response.body = OctetsBody(text)
            response.fields.add(b"Content-Type", exchange.default_type())
        response.text_given = True
        exchange.response = response
        return ANSWER


cdef class Rewrite(Instruction):
    """rewrite regex replacement [flag];"""

    cdef object pattern
    cdef tuple captures
    cdef tuple nodes                # of the replacement
    cdef bint absolute              # it is a URL
    cdef bint keep_args
    cdef int status                 # of a redirect, 0: none
    cdef bint last
    cdef bint breaks

    cdef Outcome do(self, Exchange exchange) except *:
        cdef bytes target, path, mark, args
        match = self.pattern.search(exchange.uri)
        if match is None:
            return GO_ON
        exchange.captures = match
        if self.captures:
            keep_captures(exchange, match, self.captures)
        target = self._replacement(exchange)
        path, mark, args = target.partition(b"?")
        if self.keep_args and exchange.args:
            args = args + b"&" + exchange.args if args else exchange.args
            mark = b"?"
        if self.status:
            if not self.absolute:
                # What a variable brought along is taken as a URL, as far as it is one.
                path = _as_url(path) if path.startswith(b"http") else escape_path(path)
            if args:
                path += b"?" + args
            exchange.response = moved(exchange, self.status, _one_line(path))
            return ANSWER
        if not path:
            exchange.report("error", "the rewritten URI has a zero length")
            exchange.response = fault(exchange, 500)
            return ANSWER
        exchange.uri = path
        if mark:
            exchange.args = args
        elif not self.keep_args:
            exchange.args = None
        exchange.as_sent = False
        exchange.internal = True
        if self.breaks:
            exchange.uri_kept = True
            exchange.uri_changed = False
            return STOP
        exchange.uri_changed = True
        return STOP if self.last else GO_ON

    cdef bytes _replacement(self, Exchange exchange):
        """What captures decoded is encoded again where it lands in a query or in a redirect."""
        cdef list parts = []
        cdef bytes value
        cdef bint in_args = False
        for node in self.nodes:
            if isinstance(node, Variable):
                value = (<Variable> node).value(exchange) or b""
                if node.name.isdigit():
                    if in_args:
                        value = escape_args(value)
                    elif self.absolute:
                        value = escape_path(value)
            else:
                value = <bytes> node
                in_args = in_args or b"?" in value
            parts.append(value)
        return b"".join(parts)


cdef bytes _as_url(bytes text):
    """Decode what needs no encoding, up to a "?": nginx's NGX_UNESCAPE_REDIRECT."""
    cdef list parts = []
    cdef Py_ssize_t at = 0, mark
    cdef int octet
    while True:
        mark = text.find(b"%", at)
        if mark < 0 or mark + 2 >= len(text):
            break
        try:
            octet = int(text[mark + 1:mark + 3], 16)
        except ValueError:
            break
        parts.append(text[at:mark])
        at = mark + 3
        if octet == c"?":
            parts.append(b"?")
            break
        parts.append(bytes([octet]) if 37 < octet < 127 else text[mark:at])
    parts.append(text[at:])
    return b"".join(parts)


cdef bytes _one_line(bytes text):
    """What goes into a Location line: a line end from a variable would start a field (D2)."""
    if b"\r" in text or b"\n" in text or b"\0" in text:
        return text.replace(b"\r", b"%0D").replace(b"\n", b"%0A").replace(b"\0", b"%00")
    return text


cdef class Condition:
    """What an `if` asks."""

    cdef object test
    cdef Variable variable
    cdef Expression operand
    cdef object pattern
    cdef tuple captures
    cdef bint negated

    cdef bint holds(self, Exchange exchange) except *:
        return self._asked(exchange) != self.negated

    cdef bint _asked(self, Exchange exchange) except *:
        if self.test is Test.TRUE:
            return truth(self.variable.value(exchange))
        if self.test is Test.EQUAL:
            return (self.variable.value(exchange) or b"") == self.operand.evaluate(exchange)
        if self.test is Test.MATCH:
            match = self.pattern.search(self.variable.value(exchange) or b"")
            if match is None:
                return False
            exchange.captures = match
            if self.captures:
                keep_captures(exchange, match, self.captures)
            return True
        return self._file(exchange, self.operand.evaluate(exchange))

    cdef bint _file(self, Exchange exchange, bytes path) except *:
        try:
            found = _found(exchange, path)
        except (OSError, ValueError):
            return False
        if self.test is Test.FILE:
            return stat.S_ISREG(found.st_mode)
        if self.test is Test.FOLDER:
            return stat.S_ISDIR(found.st_mode)
        if self.test is Test.EXECUTABLE:
            return bool(found.st_mode & 0o100)
        return True


cdef object _found(Exchange exchange, bytes path):
    """What os.stat says, by the location's rules about links. Raises OSError, ValueError."""
    location = exchange.location if exchange.location is not None else exchange.server.default
    links = (<Root> (<Location> location).root).links
    if links is None:
        return os.stat(path)
    fd = links.open(exchange, path, os.O_PATH)
    try:
        return os.fstat(fd)
    finally:
        os.close(fd)


cdef class If(Instruction):
    """if (condition) { … }"""

    cdef Condition condition
    cdef tuple instructions
    cdef Location location          # the block as a location; None in a server
    cdef frozenset proxied          # the blocks before it that pass requests on, where it does not

    cdef Outcome do(self, Exchange exchange) except *:
        if not self.condition.holds(exchange):
            return GO_ON
        if self.proxied is not None and exchange.location in self.proxied:
            # nginx: the handler is the other block's, but what it needs is not in this one.
            exchange.failure = b"no upstream configuration"
            exchange.response = fault(exchange, 500)
            return ANSWER
        if self.location is not None:
            exchange.location = self.location
        return _run(self.instructions, exchange)


cdef class Told(Instruction):
    """An instruction that somebody wants to hear of: `tell(statement, exchange, response)`."""

    cdef Instruction inner
    cdef object statement           # config.scope.Directive, or the Scope of an `if`
    cdef object tell

    cdef Outcome do(self, Exchange exchange) except *:
        cdef Outcome outcome
        self.tell(self.statement, exchange, False, None)
        outcome = self.inner.do(exchange)
        self.tell(self.statement, exchange, True, exchange.response if outcome == ANSWER else None)
        return outcome


cdef Outcome _run(tuple instructions, Exchange exchange) except *:
    cdef Outcome outcome
    for instruction in instructions:
        outcome = (<Instruction> instruction).do(exchange)
        if outcome != GO_ON:
            return outcome
    return GO_ON


cdef class Script(Step):
    """The rewrite directives of one level."""

    cdef tuple instructions

    cdef bint harmless(self) noexcept:
        return True

    cdef Response run(self, Exchange exchange):
        cdef Response response
        if _run(self.instructions, exchange) == ANSWER:
            response = exchange.response
            exchange.response = None
            return response
        return None


def script(scope, making, block=None):
    """Compile the rewrite directives of a scope; None where it has none.

    `block` makes a location of an `if` block: (Scope) -> Location.
    """
    cdef Script made
    instructions = _compiled(scope, making, block)
    if not instructions:
        return None
    made = Script.__new__(Script)
    made.instructions = instructions
    return made


def _compiled(scope, making, block):
    instructions = []
    proxied = []
    for statement in scope.statements():
        if isinstance(statement, Scope):
            if statement.kind == "if":
                made = _if(statement, making, block)
                _look_for_upstream(made, proxied)
                instructions.append(_told(made, statement, making.tell))
        elif statement.name in MAKERS:
            made = MAKERS[statement.name](statement.value, making)
            instructions.append(_told(made, statement, making.tell))
    return tuple(instructions)


def _look_for_upstream(If made, list proxied):
    """Tell a block that passes nothing on of those before it that do."""
    if made.location is None:
        return
    if isinstance(made.location.content, Origin):
        proxied.append(made.location)
    elif proxied:
        made.proxied = frozenset(proxied)


def _told(instruction, statement, tell):
    cdef Told made
    if tell is None:
        return instruction
    made = Told.__new__(Told)
    made.inner = instruction
    made.statement = statement
    made.tell = tell
    return made


def _set(settings, making):
    cdef Set made = Set.__new__(Set)
    cdef SetArgs args
    if settings.name == "args":
        args = SetArgs.__new__(SetArgs)
        args.value = making.expression(settings.value)
        return args
    made.value = making.expression(settings.value)
    made.variable = making.slot(settings.name)
    return made


def _return(settings, making):
    cdef Return made = Return.__new__(Return)
    made.status = settings.status
    made.text = None if settings.text is None else making.expression(settings.text)
    return made


def _break(_settings, _making):
    return Break.__new__(Break)


def _rewrite(settings, making):
    cdef Rewrite made = Rewrite.__new__(Rewrite)
    made.pattern = settings.pattern
    made.captures = making.captures(settings.pattern)
    made.nodes = making.expression(settings.replacement).nodes
    made.absolute = bool(settings.replacement) and (
        isinstance(settings.replacement[0], str)
        and settings.replacement[0].startswith(("http://", "https://"))
        or getattr(settings.replacement[0], "name", "") == "scheme")
    made.keep_args = settings.keep_args
    made.status = settings.status
    made.last = settings.flag == "last"
    made.breaks = settings.flag == "break"
    return made


def _if(scope, making, block):
    cdef If made = If.__new__(If)
    made.condition = _condition(scope.subject, making)
    made.instructions = _compiled(scope, making, block)
    made.location = None if block is None else block(scope)
    return made


def _condition(settings, making):
    cdef Condition made = Condition.__new__(Condition)
    made.test = settings.test
    made.negated = settings.negated
    made.pattern = settings.pattern
    made.captures = () if settings.pattern is None else making.captures(settings.pattern)
    made.operand = making.expression(settings.operand)
    if settings.variable:
        made.variable = making.variable(settings.variable)
    return made


MAKERS = {"set": _set, "return": _return, "rewrite": _rewrite, "break": _break}
