"""keyval: a variable whose value is looked up in a table that is changed while we run."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, Variable
from forkproxy.net.poller cimport poller
from forkproxy.shared.keyval cimport Keyval


cdef class Zone:
    """A keyval_zone of one generation; its table is that of all generations."""

    cdef readonly object settings       # config.directives.keyval.KeyvalZone
    cdef public Keyval table

    def __init__(self, settings not None):
        self.settings = settings
        self.table = Keyval(settings.kind)


cdef class KeyvalVariable(Variable):

    cdef Expression key
    cdef Zone zone

    cdef bytes value(self, Exchange exchange):
        return self.zone.table.find(self.key.evaluate(exchange), poller.now)


def declare(scope, making):
    """Make the variables known, so that any expression may use them, and the zones they look in."""
    for line in scope.own("keyval_zone"):
        making.keyvals[line.value.name] = Zone(line.value)
    for line in scope.own("keyval"):
        made = KeyvalVariable(line.value.variable)
        making.slots[line.value.variable] = made


def define(scope, making):
    """Compile the keys, when all variables are known."""
    cdef KeyvalVariable made
    for line in scope.own("keyval"):
        made = <KeyvalVariable?> making.slots[line.value.variable]
        made.key = making.expression(line.value.key)
        made.zone = <Zone?> making.keyvals[line.value.zone]
