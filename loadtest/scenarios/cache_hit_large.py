"""The same with an answer that takes some packets."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput("GET of 64 KiB out of the cache", "/65536", task=Task(cached=True))
