"""A file that does not fit in one read: sendfile."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput("GET of a file of 64 KiB", "/65536", task=Task(files=True))
