"""A small file: what it costs to find, open and describe it."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput("GET of a file of 1 KiB", "/1024", task=Task(files=True))
