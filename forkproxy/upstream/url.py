"""The URL of proxy_pass: where its parts begin and end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of "http://host:port/uri"."""

    scheme: bytes  # b"http" or b"https"
    authority: bytes  # as written, without the port where it is the scheme's own: $proxy_host
    host: str  # a name, an address without brackets, or "unix:PATH"
    port: bytes  # b"" for a Unix socket
    uri: bytes  # from the first "/" (or "?") on; b"" where there is none


def split_url(url: bytes) -> Url:
    """Take a proxy_pass URL apart.

    Raises ValueError with nginx's words for what is wrong.
    """
    scheme, mark, rest = url.partition(b"://")
    if not mark or scheme.lower() not in (b"http", b"https"):
        raise ValueError("invalid URL prefix")
    scheme = scheme.lower()
    if rest.startswith(b"unix:"):
        path, _, uri = rest[5:].partition(b":")
        if not path:
            raise ValueError("no path in the unix domain socket")
        # nginx names a Unix socket "localhost" towards the upstream.
        return Url(scheme, b"localhost", "unix:" + path.decode(errors="surrogateescape"), b"", uri)
    end = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
    authority, uri = rest[:end], rest[end:]
    default = b"443" if scheme == b"https" else b"80"
    host, port = _host_and_port(authority)
    if not host:
        raise ValueError("no host in upstream")
    return Url(
        scheme,
        host if port in (b"", default) else authority,
        host.strip(b"[]").decode("ascii", errors="replace"),
        port or default,
        uri,
    )


def _host_and_port(authority: bytes) -> tuple[bytes, bytes]:
    if authority.startswith(b"["):
        host, bracket, rest = authority.partition(b"]")
        if not bracket or (rest and not rest.startswith(b":")):
            raise ValueError("invalid host in upstream")
        host, port = host + b"]", rest[1:]
    else:
        host, _, port = authority.partition(b":")
    if port and (not port.isdigit() or not 0 < int(port) < 65536):
        raise ValueError("invalid port in upstream")
    return host, port
