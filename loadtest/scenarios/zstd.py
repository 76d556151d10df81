"""A page compressed by zstd on its way."""

from loadtest.compression import compression

SCENARIO = compression("zstd")
