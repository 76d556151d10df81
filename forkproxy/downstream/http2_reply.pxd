from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.downstream.serve cimport Serving
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.h2_sending cimport Sending
from forkproxy.wire.h2_stream cimport H2Stream
from forkproxy.wire.names cimport NameSet

# Send an answer on a stream, by the settings of the exchange's location, and count what went. The
# client's stream is a Substream. Raises Gone where the client has left or half an answer has to do,
# TimeoutError. Waits.
cdef int reply_h2(Serving client, Exchange exchange, Response response) except -1
# A 1xx answer, but fields that are hidden.
cdef int write_informational(Sending session, H2Stream frames, int status, Fields fields,
                             NameSet hidden) except -1
