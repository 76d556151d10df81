"""The cost of a resumed handshake of TLS 1.2, out of the server's cache, with one request."""

from loadtest.resumption import resumption

SCENARIO = resumption("resumed TLS 1.2 handshake (cache), and a GET of 1 KiB", "1.2", "cache")
