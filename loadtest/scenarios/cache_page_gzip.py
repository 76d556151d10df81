"""A page out of the cache for clients that take gzip."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput(
    "GET of 100 KiB of HTML out of the cache, compressed by gzip",
    "/page.html",
    fields=("Accept-Encoding: gzip",),
    task=Task(cached=True, coding="gzip"),
)
