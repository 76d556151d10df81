"""The cost of a connection: each request on its own, to the client's side."""

from loadtest.throughput import throughput

SCENARIO = throughput("GET of 1 KiB, a new connection each", "/1024", fields=("Connection: close",))
