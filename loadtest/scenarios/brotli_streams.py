"""What an answer costs that is compressed by brotli and stays open."""

from loadtest.compression import streams

SCENARIO = streams("brotli")
