"""An answer that fills a few buffers."""

from loadtest.throughput import throughput

SCENARIO = throughput("GET of 64 KiB, keep-alive", "/65536")
