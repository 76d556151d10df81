"""access_log: a line for each request, by the formats of log_format.

A line is put together in memory of ours and appended to the file's buffer; the buffer is written
when the turn of the loop is over, so that a busy worker writes many lines with one system call
and `tail -f` still shows them at once.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, Variable, truth
from forkproxy.core.plan cimport Location, LogStep
from forkproxy.wire.writer cimport Writer

from forkproxy.config.syslog import SEVERITIES
from forkproxy.config.template import constant
from forkproxy.net import tasks
from forkproxy.shared.logbuffer import LogBuffer
from forkproxy.shared.namedlogs import NamedLogs
from forkproxy.shared.syslog import SyslogLines

cdef Writer scratch = Writer()
cdef bytes DIGITS = b"0123456789ABCDEF"


cdef enum Escape:
    DEFAULT         # \xHH for what would break a line or its quotes
    JSON            # a string's inside
    NONE


cdef class AccessLog(LogStep):
    """One access_log directive."""

    cdef tuple nodes
    cdef Escape escape
    cdef object file                # takes lines; None: its name has variables
    cdef Expression path
    cdef object named               # shared.namedlogs.NamedLogs
    cdef Expression condition

    def __init__(self, tuple nodes not None, str escape not None, file, Expression path, named,
                 Expression condition):
        self.nodes = nodes
        self.escape = {"default": DEFAULT, "json": JSON, "none": NONE}[escape]
        self.file = file
        self.path = path
        self.named = named
        self.condition = condition

    cdef int log(self, Exchange exchange) except -1:
        cdef bytes value
        if self.condition is not None and not truth(self.condition.evaluate(exchange)):
            return 0
        scratch.clear()
        for node in self.nodes:
            if not isinstance(node, Variable):
                scratch.put_bytes(<bytes> node)
                continue
            value = (<Variable> node).value(exchange)
            if value is None:
                if self.escape == DEFAULT:
                    scratch.put(b"-", 1)
            elif self.escape == DEFAULT:
                _put_escaped(scratch, value)
            elif self.escape == JSON:
                _put_json(scratch, value)
            else:
                scratch.put_bytes(value)
        scratch.put(b"\n", 1)
        if self.file is not None:
            self.file.write(scratch.taken())
            return 0
        line = scratch.taken()
        value = self.path.evaluate(exchange)
        if value:
            self.named.write(value, line)
        return 0


cdef int _put_escaped(Writer to, bytes value) except -1:
    cdef const unsigned char* octets = <const unsigned char*> PyBytes_AS_STRING(value)
    cdef const unsigned char* digits = <const unsigned char*> PyBytes_AS_STRING(DIGITS)
    cdef Py_ssize_t index, begun = 0, length = PyBytes_GET_SIZE(value)
    cdef char escaped[4]
    cdef unsigned char octet
    for index in range(length):
        octet = octets[index]
        if octet >= 32 and octet < 127 and octet != c'"' and octet != c"\\":
            continue
        to.put(<const char*> octets + begun, index - begun)
        begun = index + 1
        escaped[0] = c"\\"
        escaped[1] = c"x"
        escaped[2] = digits[octet >> 4]
        escaped[3] = digits[octet & 15]
        to.put(escaped, 4)
    to.put(<const char*> octets + begun, length - begun)
    return 0


cdef dict JSON_ESCAPES = {
    8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\",
}


cdef int _put_json(Writer to, bytes value) except -1:
    cdef const unsigned char* octets = <const unsigned char*> PyBytes_AS_STRING(value)
    cdef Py_ssize_t index, begun = 0, length = PyBytes_GET_SIZE(value)
    cdef bytes escaped
    for index in range(length):
        if octets[index] >= 32 and octets[index] != 34 and octets[index] != 92:
            continue
        to.put(<const char*> octets + begun, index - begun)
        begun = index + 1
        escaped = JSON_ESCAPES.get(octets[index])
        to.put_bytes(escaped if escaped is not None else b"\\u%04X" % octets[index])
    to.put(<const char*> octets + begun, length - begun)
    return 0


def install(scope, Location location not None, making):
    """Hang the access logs of a scope on a location's log phase."""
    lines = scope.lines("access_log")
    steps = []
    for line in lines:
        if line.value is not None:
            steps.append(_made(scope, line.value, making))
    if not lines:
        steps.append(_default(scope, making))
    location.log = location.log + tuple(steps)


def _made(scope, settings, making):
    name = constant(settings.path)
    nodes = making.expression(settings.format.template).nodes
    condition = None if settings.condition is None else making.expression(settings.condition)
    if settings.syslog is not None:
        severity = SEVERITIES.index(settings.syslog.severity)
        file = SyslogLines(making.syslog(settings.syslog), severity)
        return AccessLog(nodes, settings.format.escape, file, None, None, condition)
    if name is not None:
        file = making.log(name)
        if settings.buffer:
            file = LogBuffer(file, settings.buffer, settings.flush, settings.gzip, _later)
        return AccessLog(nodes, settings.format.escape, file, None, None, condition)
    return AccessLog(nodes, settings.format.escape, None, making.expression(settings.path),
                     _named_logs(scope, making), condition)


def _named_logs(scope, making):
    """The files of the open_log_file_cache that holds here; its levels share them."""
    line = scope.given("open_log_file_cache")
    if line is None or line.value is None:
        return NamedLogs(scope.prefix, None)
    found = making.named_logs.get(id(line))
    if found is None:
        found = making.named_logs[id(line)] = NamedLogs(scope.prefix, line.value)
    return found


def _later(seconds, function):
    """Call a function in so many seconds, in a greenlet of its own."""
    tasks.spawn("access log", _wait_and_call, seconds, function)


def _wait_and_call(seconds, function):
    tasks.sleep(seconds)
    function()


def _default(scope, making):
    """Without any access_log: the combined format in logs/access.log, as nginx."""
    from forkproxy.config.directives.log import COMBINED

    return AccessLog(making.expression(COMBINED.template).nodes, "default",
                     making.log(making.default_access_log), None, None, None)
