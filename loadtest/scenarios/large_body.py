"""An answer that never fits a buffer: the cost of moving octets."""

from loadtest.throughput import throughput

SCENARIO = throughput("GET of 1 MiB, keep-alive", "/1048576")
