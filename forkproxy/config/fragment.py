"""Pieces of a configuration, as tutorials show them, taken as whole ones.

    server { listen 80; location / { proxy_pass http://localhost:3000; } }

is read as if it stood in http { }, with an events { } beside it. Bare locations and
what belongs into them get a server on port 8080 around them.
"""

from __future__ import annotations

from forkproxy.config.directives import TABLE, find
from forkproxy.config.lexer import Kind, Token
from forkproxy.config.parser import Node, Parser, flat
from forkproxy.config.row import HTTP, LOCATION, MAIN, SERVER

PORT = 8080
_WHOLE = ("events", "http", "stream", "mail")


def is_fragment(nodes: list[Node]) -> bool:
    """Say whether the directives make sense only inside of blocks that are not there."""
    names = [node.name for node in flat(nodes)]
    return not any(name in _WHOLE for name in names) and any(_lost(name) for name in names)


def _lost(name: str) -> bool:
    return find(name, MAIN) is None and any(
        find(name, place) is not None for place in (HTTP, SERVER, LOCATION)
    )


def complete(parser: Parser, nodes: list[Node]) -> list[Node]:
    """Return the directives with the blocks that are missing around them."""
    outer: list[Node] = []
    bare: list[Node] = []
    wrapped: list[Node] = []
    for node in flat(nodes):
        if node.name not in TABLE or find(node.name, MAIN) is not None:
            outer.append(node)
        else:
            (bare if find(node.name, HTTP) is None else wrapped).append(node)
    first = min((*bare, *wrapped), key=lambda node: node.order)
    if bare:
        wrapped.append(_server(parser, bare))
    events = block_like(parser, first, "events", [])
    return [*outer, events, block_like(parser, first, "http", wrapped)]


def _server(parser: Parser, nodes: list[Node]) -> Node:
    content = [node for node in nodes if find(node.name, SERVER) is None]
    inside = [node for node in nodes if find(node.name, SERVER) is not None]
    if content:
        inside.append(block_like(parser, content[0], "location", content, "/"))
    if not any(node.name in ("listen", "https") for node in inside):
        inside.insert(0, node_like(parser, nodes[0], "listen", str(PORT)))
    return block_like(parser, nodes[0], "server", inside)


def node_like(parser: Parser, like: Node, *words: str) -> Node:
    """Return a directive that stands where another does."""
    place = like.words[0]
    tokens = tuple(Token(Kind.WORD, word, place.line, place.column) for word in words)
    return Node(like.file, tokens, like.line, like.order)


def block_like(parser: Parser, like: Node, name: str, block: list[Node], *words: str) -> Node:
    """Return a block of those directives that stands where another does."""
    node = node_like(parser, like, name, *words)
    node.block = block
    node.closed = parser.tick()
    node.closed_line = max([like.line, *(inner.closed_line or inner.line for inner in block)])
    return node
