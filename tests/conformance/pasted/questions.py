"""What to ask a configuration: requests to each of its servers and locations, and odd ones."""

import itertools
import re
from typing import NamedTuple

try:
    from re import _parser as sre
except ImportError:  # before Python 3.11
    import sre_parse as sre

MOST_SERVERS = 8
MOST_LOCATIONS = 14


class Question(NamedTuple):
    """One request, and where it is sent."""

    place: tuple  # host and port, or the path of a socket
    tls: bool
    name: str  # of the server, for SNI
    octets: bytes
    label: str


class Door(NamedTuple):
    """One listening address of a server."""

    place: tuple
    tls: bool
    proxy: bool
    host: str


def sample(pattern):
    """Return a text that a regular expression matches, or nearly."""
    try:
        return "".join(letters(sre.parse(re.sub(r"\(\?<(?![=!])", "(?P<", pattern))))
    except (re.error, RecursionError, OverflowError):
        return "/odd"


def letters(tokens):
    for kind, value in tokens:
        name = str(kind)
        if name in ("LITERAL",):
            yield chr(value)
        elif name == "NOT_LITERAL":
            yield "y" if value != ord("y") else "z"
        elif name == "ANY":
            yield "a"
        elif name == "IN":
            yield member(value)
        elif name == "BRANCH":
            yield from letters(value[1][0])
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, inner = value
            for _ in range(max(least, min(1, most))):
                yield from letters(inner)
        elif name == "SUBPATTERN":
            yield from letters(value[3])
        elif name == "ATOMIC_GROUP":
            yield from letters(value)


def member(choices):
    first, value = choices[0]
    if str(first) == "NEGATE":
        return "x"
    if str(first) == "RANGE":
        return chr(value[0])
    if str(first) == "CATEGORY":
        return "1" if "DIGIT" in str(value) else "w"
    return chr(value)


def door(server):
    """Return the addresses of a server."""
    names = [a for n in server.block if n.name == "server_name" for a in n.args]
    host = next((concrete(one) for one in names if concrete(one)), "unnamed.example")
    tls_all = any(n.name == "ssl" and n.args == ("on",) for n in server.block)
    found = []
    for node in server.block:
        if node.name != "listen" or not node.args or "quic" in node.args:
            continue
        address, *flags = node.args
        if address.startswith("unix:"):
            place = (address[5:],)
        else:
            before, _, port = address.rpartition(":")
            if not port.isdigit():
                before, port = address, "80"
            before = before.strip("[]")
            if before in ("", "*", "0.0.0.0", "localhost") or not before[0].isdigit():
                before = "::1" if ":" in before else "127.0.0.1"
            place = (before, int(port))
        found.append(Door(place, "ssl" in flags or tls_all, "proxy_protocol" in flags, host))
    return found or [Door(("127.0.0.1", 80), False, False, host)]


def concrete(name):
    if name.startswith("~"):
        return None
    if name in ("_", "", "localhost") or "$" in name:
        return "localhost" if name == "localhost" else None
    return re.sub(r"^\*?\.", "www.", name).replace(".*", ".example")


def locations(block):
    for node in block:
        if node.name == "location" and node.args:
            yield node
            yield from locations(node.block)


def paths(server):
    """Return a path into each location of a server."""
    found = ["/"]
    for node in locations(server.block):
        if node.args[0].startswith("@"):
            continue
        pattern = node.args[-1]
        if node.args[0] in ("~", "~*") or node.args[0].startswith("~"):
            text = sample(pattern.lstrip("~*") if len(node.args) == 1 else pattern)
            found.append(text if text.startswith("/") else "/a" + text)
        else:
            text = pattern.lstrip("=^~") if len(node.args) == 1 else pattern
            found.append(text if text.startswith("/") else "/" + text)
    return list(dict.fromkeys(found))[: MOST_LOCATIONS + 1]


def request(method, target, host, *fields, body=b""):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "User-Agent: asker", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if not any(line.lower().startswith("connection:") for line in lines):
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


DATED = "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT"
FORM = "Content-Type: application/x-www-form-urlencoded"
SOCKET = "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"
CHUNKED = b"5\r\nhello\r\n0\r\n\r\n"


def variations(path, host):
    """Yield requests of one location: (label, octets), those that differ most first."""
    yield "slash", request("GET", path.rstrip("/") if path != "/" else "//", host)
    yield "below", request("GET", path.rstrip("/") + "/sub/file.txt", host)
    yield "query", request("GET", f"{path}?x=1&y=%2F%20", host, "Cookie: a=b; c=d")
    yield "encoded", request("GET", path.rstrip("/") + "/a%20b/%C3%A9+c%2Fd", host)
    yield "dots", request("GET", path.rstrip("/") + "/x/../style.css", host)
    yield "head", request("HEAD", path, host)
    origin = "Origin: https://other.example", "Access-Control-Request-Method: PUT"
    yield "options", request("OPTIONS", path, host, *origin)
    yield "post", request("POST", path, host, FORM, body=b"a=1&b=2")
    chunked = "Transfer-Encoding: chunked", "X-Forwarded-For: 10.1.2.3"
    yield "chunked", request("POST", path, host, *chunked) + CHUNKED
    yield "gzip", request("GET", path, host, "Accept-Encoding: gzip, deflate")
    yield "range", request("GET", path, host, "Range: bytes=2-5")
    yield "dated", request("GET", path, host, DATED)
    yield "tagged", request("GET", path, host, 'If-None-Match: "an-etag"')
    yield "upgrade", request("GET", path, host, *SOCKET)
    yield "signed in", request("GET", path, host, "Authorization: Basic c29tZW9uZTpzZWNyZXQ=")
    for want in ("404", "500", "away", "cached", "cached", "sendfile", "503"):
        yield f"wants {want}", request("GET", path, host, f"X-Want: {want}")
    yield "put", request("PUT", path, host, body=b"content")
    yield "delete", request("DELETE", path, host)
    forwarded = "X-Forwarded-For: 1.2.3.4, 5.6.7.8", "X-Forwarded-Proto: https", "X_Odd: 1"
    yield "forwarded", request("GET", path, host, *forwarded)
    yield "old", f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode("latin-1", "replace")


ODD = [
    ("other host", request("GET", "/", "other.example")),
    ("host with port", request("GET", "/sub", "other.example:8080")),
    ("no host", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
    ("two hosts", request("GET", "/", "a.example", "Host: b.example")),
    ("nonsense", b"nonsense\r\n\r\n"),
    ("bad escape", request("GET", "/%zz", "localhost")),
    ("above the root", request("GET", "/../../etc/passwd", "localhost")),
    ("a hidden file", request("GET", "/.env", "localhost")),
    ("a script", request("GET", "/index.php?a=b", "localhost")),
    ("a script with more", request("GET", "/index.php/more/path?a=b", "localhost")),
    ("unknown", request("GET", "/no/such/thing.jpg", "localhost")),
    ("long", request("GET", "/" + "a" * 9000, "localhost")),
    ("trace", request("TRACE", "/", "localhost")),
    ("acme", request("GET", "/.well-known/acme-challenge/abc", "localhost")),
]


def questions(found):
    """Yield what to ask a configuration whose directives were found."""
    servers = [node for above, node in found if node.name == "server" and node.block is not None]
    servers = [one for one in servers if not in_stream(found, one)]
    for server in servers[:MOST_SERVERS]:
        doors = door(server)
        for number, one in enumerate(doors[:3]):
            for path in paths(server) if number == 0 else ["/"]:
                yield from asked(one, "plain", path, request("GET", path, one.host))
        yield from varied(doors[0], paths(server))
    if servers:
        first = door(servers[0])[0]
        for label, octets in ODD:
            yield from asked(first, label, "", octets.replace(b"localhost", first.host.encode()))


def varied(one, each):
    """Vary all paths by turns: each variation once or more, each path a few times."""
    turns = itertools.cycle(each[1:] or each)
    rounds = max(24, 3 * len(each))
    kinds = [dict(enumerate(variations(path, one.host))) for path in each[1:] or each]
    for number in range(rounds):
        path = next(turns)
        which = kinds[number % len(kinds)]
        label, octets = which[(number * 7 + number // len(kinds)) % len(which)]
        yield from asked(one, label, path, octets)


def asked(one, label, path, octets):
    if one.proxy:
        octets = b"PROXY TCP4 9.8.7.6 1.1.1.1 1234 80\r\n" + octets
    yield Question(one.place, one.tls, one.host, octets, f"{label} {path}".strip())


def in_stream(found, server):
    return any(
        node is server and any(block.name in ("stream", "mail") for block in above)
        for above, node in found
    )
