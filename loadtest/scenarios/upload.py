"""A body on its way to the origin, which reads all of it before it answers."""

from loadtest.throughput import throughput

SCENARIO = throughput("POST of 64 KiB, keep-alive", "/upload", body=65536)
