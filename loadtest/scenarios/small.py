"""The figure to watch: a small answer, proxied, with keep-alive on both sides."""

from loadtest.throughput import throughput

SCENARIO = throughput("GET of 1 KiB, keep-alive", "/1024")
