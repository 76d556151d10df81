"""What a cache is for: the same small answer, which nobody has to be asked for again."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput("GET of 1 KiB out of the cache", "/1024", task=Task(cached=True))
