"""The cost of TLS for octets: a long answer, proxied, which no sendfile can take."""

from loadtest.site import Task
from loadtest.throughput import throughput

SCENARIO = throughput("GET of 1 MiB by TLS", "/1048576", task=Task(secure="tickets"))
