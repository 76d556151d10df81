"""The cost of a resumed handshake of TLS 1.3, by a ticket, with the one request after it."""

from loadtest.resumption import resumption

SCENARIO = resumption("resumed TLS 1.3 handshake (ticket), and a GET of 1 KiB", "1.3", "tickets")
