"""A page out of the cache as it is: what `cache_page_gzip` is to be compared with."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput(
    "GET of 100 KiB of HTML out of the cache", "/page.html", task=Task(cached=True)
)
