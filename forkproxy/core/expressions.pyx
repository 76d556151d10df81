"""Text with variables, compiled once: what log formats, header lines and rewrites are made of."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Exchange
from forkproxy.wire.writer cimport Writer


cdef class Variable:

    def __init__(self, str name not None):
        self.name = name

    cdef bytes value(self, Exchange exchange):
        raise NotImplementedError

    def __call__(self, Exchange exchange not None):
        return self.value(exchange)

    def __repr__(self):
        return f"${self.name}"


cdef class Slot(Variable):

    def __init__(self, str name not None, int index):
        self.name = name
        self.index = index

    cdef bytes value(self, Exchange exchange):
        cdef bytes found
        if exchange.values is not None and self.index < len(exchange.values):
            found = <bytes> exchange.values[self.index]
            if found is not None:
                return found
        return self.fill(exchange)

    cdef bytes fill(self, Exchange exchange):
        return b""

    def set(self, Exchange exchange not None, bytes value not None):
        self.keep(exchange, value)

    cdef void keep(self, Exchange exchange, bytes value):
        cdef list values = exchange.values
        if values is None:
            values = exchange.values = []
        while len(values) <= self.index:
            values.append(None)
        values[self.index] = value


cdef class Finding(Slot):

    cdef bytes fill(self, Exchange exchange):
        return None

    cdef bint found(self, Exchange exchange) noexcept:
        cdef list values = exchange.values
        return (values is not None and self.index < len(values)
                and values[self.index] is not None)


cdef class Capture(Variable):

    def __init__(self, int group):
        self.name = str(group)
        self.group = group

    cdef bytes value(self, Exchange exchange):
        match = exchange.captures
        if match is None or self.group > match.re.groups:
            return b""
        return match.group(self.group) or b""


cdef class Expression:

    def __init__(self, str text not None, tuple nodes not None):
        self.text = text
        self.nodes = nodes
        self.constant = not any(isinstance(node, Variable) for node in nodes)
        if self.constant:
            self.nodes = (b"".join(nodes),) if nodes else (b"",)

    cdef bytes evaluate(self, Exchange exchange):
        cdef list parts
        cdef bytes part
        if len(self.nodes) == 1:
            node = self.nodes[0]
            if self.constant:
                return <bytes> node
            part = (<Variable> node).value(exchange)
            return b"" if part is None else part
        parts = []
        for node in self.nodes:
            if isinstance(node, Variable):
                part = (<Variable> node).value(exchange)
                if part is not None:
                    parts.append(part)
            else:
                parts.append(node)
        return b"".join(parts)

    cdef int write(self, Exchange exchange, Writer to) except -1:
        cdef bytes part
        for node in self.nodes:
            if isinstance(node, Variable):
                part = (<Variable> node).value(exchange)
                if part is None:
                    continue
            else:
                part = <bytes> node
            to.put(PyBytes_AS_STRING(part), PyBytes_GET_SIZE(part))
        return 0

    def __call__(self, Exchange exchange not None):
        return self.evaluate(exchange)

    def __repr__(self):
        return f"<Expression {self.text!r}>"


cdef bint truth(bytes value) noexcept:
    if value is None or PyBytes_GET_SIZE(value) == 0:
        return False
    return not (PyBytes_GET_SIZE(value) == 1 and PyBytes_AS_STRING(value)[0] == c"0")


def compile_template(template, dict slots not None, str text=""):
    """Make an Expression of a config.template.Template.

    `slots` maps names to the Variables that this configuration defines itself; all others are
    the built-in ones. Raises KeyError for a name that is neither.
    """
    from forkproxy.core.variables import find

    nodes = []
    for part in template:
        if isinstance(part, str):
            nodes.append(part.encode("utf-8", "surrogateescape"))
        elif part.capture:
            nodes.append(Capture(part.capture))
        else:
            made = slots.get(part.name) or find(part.name)
            if made is None:
                raise KeyError(part.name)
            nodes.append(made)
    return Expression(text, tuple(nodes))
