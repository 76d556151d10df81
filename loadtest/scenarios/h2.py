"""The cost of HTTP/2: the small answer of `tls`, to 100 streams of 10 connections."""

from loadtest.multiplexed import multiplexed

SCENARIO = multiplexed("GET of 1 KiB by HTTP/2, 10 connections of 10 streams", "/1024")
