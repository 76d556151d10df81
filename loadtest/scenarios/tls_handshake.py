"""The cost of a full handshake (ECDSA, P-256), with the one request that its connection carries.

wrk keeps no sessions, so each of its connections is a stranger.
"""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput(
    "full TLS handshake with ECDSA, and a GET of 1 KiB",
    "/1024",
    fields=("Connection: close",),
    task=Task(secure="tickets"),
)
