"""A page compressed by gzip on its way."""

from loadtest.compression import compression

SCENARIO = compression("gzip")
