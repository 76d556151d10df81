"""What an answer costs that is compressed by gzip and stays open."""

from loadtest.compression import streams

SCENARIO = streams("gzip")
