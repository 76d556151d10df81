from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.upstream.forward cimport Forward
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.writer cimport Writer

# Write request line and fields. `inline`: octets of the body that follow at once, -1 for none;
# `body`: one that is sent afterwards, or None.
cdef int write_head(Forward self, Exchange exchange, Writer to, Py_ssize_t inline,
                    Body body) except -1
# Remove the fields that Connection names: they were meant for us (RFC 9110 §7.6.1).
cdef int remove_listed(Fields fields) except -1
