"""What `https auto` adds to a configuration: directives, as if they stood there.

In the server a listener and a certificate, where it names none; beside it a server that sends the
requests of port 80 to it, unless another one answers to the names there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain

from forkproxy.config.address import AddressError, parse_address
from forkproxy.config.directives.https import https
from forkproxy.config.directives.listen import DEFAULT
from forkproxy.config.fragment import block_like, node_like
from forkproxy.config.parser import Node, Parser, flat
from forkproxy.config.row import Arguments, Invalid
from forkproxy.config.scope import Folders, Scope

Additions = dict[int, list[Node]]  # by the id of the node whose block they belong to
PORTS = (443, 8443)  # that is listened on, of root and of those who may not open it


def additions(parser: Parser, nodes: Iterable[Node]) -> Additions:
    """Return what is added to the blocks of a configuration; {} where nobody asks for it."""
    found: Additions = {}
    for http in flat(list(nodes)):
        if http.name == "http" and http.block is not None:
            servers = [node for node in flat(http.block) if node.name == "server"]
            for server in servers:
                _complete(parser, http, server, servers, found)
    return found


def _complete(
    parser: Parser, http: Node, server: Node, servers: list[Node], found: Additions
) -> None:
    switch = next(_of(server, "https"), None)
    if switch is None or not _sound(switch):
        return
    added: list[Node] = []
    if not any("ssl" in line.args for line in _of(server, "listen")):
        port = PORTS[os.geteuid() != 0]
        added.append(node_like(parser, switch, "listen", str(port), "ssl"))
    if not any(_of(server, "ssl_certificate")):
        added.append(node_like(parser, switch, "ssl_certificate", "$acme_certificate"))
        added.append(node_like(parser, switch, "ssl_certificate_key", "$acme_certificate_key"))
    found[id(server)] = added
    redirect = _redirect(parser, switch, [*_of(server, "listen"), *added], server, servers)
    if redirect is not None:
        found.setdefault(id(http), []).append(redirect)


def _sound(switch: Node) -> bool:
    """Say whether a line can be read; what is wrong with it the checker says."""
    nowhere = Scope("", folders=Folders("", ""))
    try:
        https(Arguments(switch.name, switch.args, (), nowhere))
    except (Invalid, IndexError):
        return False
    return True


def _of(block: Node, name: str) -> Iterator[Node]:
    return (node for node in flat(block.block or []) if node.name == name)


def _redirect(
    parser: Parser, switch: Node, listens: list[Node], server: Node, servers: list[Node]
) -> Node | None:
    """Return the server that sends people from the plain port, None where there is none."""
    address = next(
        (word.removeprefix("redirect=") for word in switch.args if word.startswith("redirect=")),
        "80" if os.geteuid() == 0 else "8000",
    )
    if address == "off":
        return None
    names = [name for line in _of(server, "server_name") for name in line.args]
    taken = set(_answered(servers, address))
    left = [name for name in names if name.lower() not in taken]
    if not left:
        return None
    port = next(_port(line.args[0]) for line in listens if "ssl" in line.args and line.args)
    where = "https://$host$request_uri" if port == 443 else f"https://$host:{port}$request_uri"
    return block_like(
        parser,
        switch,
        "server",
        [
            node_like(parser, switch, "listen", address),
            node_like(parser, switch, "server_name", *left),
            # 308: the method stays, and so does what is sent.
            node_like(parser, switch, "return", "308", where),
        ],
    )


def _answered(servers: list[Node], address: str) -> Iterator[str]:
    """Yield the names that servers of the file answer to at a plain address."""
    for server in servers:
        listens = list(_of(server, "listen"))
        plain = [line.args[0] for line in listens if line.args and "ssl" not in line.args]
        # Without `listen` it is the default address; of one with the switch that is another.
        if not listens and not any(_of(server, "https")):
            plain.append(str(DEFAULT.port))
        if any(_port(one) == _port(address) for one in plain):
            lines = _of(server, "server_name")
            yield from chain.from_iterable((name.lower() for name in line.args) for line in lines)


def _port(text: str) -> int:
    try:
        return parse_address(text, default_port=80, listening=True).port
    except AddressError:
        return 0  # what is wrong with it is said where it stands
