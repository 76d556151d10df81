"""What a cache costs where it is of no use: each answer is fetched, and stored."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput(
    "GET of 1 KiB that nobody asked for before, and that is stored",
    "/1024",
    among=-1,
    task=Task(cached=True),
)
