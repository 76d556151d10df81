"""HTTP/2 without anybody to ask: what frames, HPACK and TLS cost by themselves."""

from dataclasses import replace

from loadtest.multiplexed import HTTP2, multiplexed

SCENARIO = multiplexed(
    "GET of 1 KiB out of the cache by HTTP/2, 10 connections of 10 streams",
    "/1024",
    task=replace(HTTP2, cached=True),
)
