"""The same with an answer that takes some packets."""

from loadtest.throughput import throughput

SCENARIO = throughput("GET of 64 KiB out of the cache", "/65536", cached=True)
