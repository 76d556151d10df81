"""The cost of HTTP/2 for octets: long answers, proxied, one after the other on one connection."""

from loadtest.multiplexed import multiplexed
from loadtest.origin import DOWNLOAD

_COUNT = 5  # so that a tick of the CPU's account is nothing

SCENARIO = multiplexed(
    "GET of 100 MiB by HTTP/2, one stream at a time",
    f"/{DOWNLOAD}",
    connections=1,
    streams=1,
    requests=_COUNT,
)
