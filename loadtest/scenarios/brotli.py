"""A page compressed by brotli on its way."""

from loadtest.compression import compression

SCENARIO = compression("brotli")
