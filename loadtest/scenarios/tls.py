"""The cost of TLS when it is up: a small answer, proxied, with keep-alive on both sides."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput("GET of 1 KiB by TLS, keep-alive", "/1024", task=Task(secure="tickets"))
