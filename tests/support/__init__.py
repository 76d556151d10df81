"""What the tests share: a scripted origin, a client of raw octets, real proxies on loopback."""
