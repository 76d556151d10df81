"""What an answer costs that is compressed by zstd and stays open."""

from loadtest.compression import streams

SCENARIO = streams("zstd")
