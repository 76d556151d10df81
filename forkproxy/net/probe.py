"""One question to one peer, for who wants to know whether it works."""

from __future__ import annotations

from collections.abc import Callable

from forkproxy import clock
from forkproxy.errors import PeerError, ProtocolError
from forkproxy.net.dial import Address, dial_stream
from forkproxy.net.stream import Stream
from forkproxy.wire.chunked import ChunkedDecoder
from forkproxy.wire.head import ResponseHead, parse_response_head
from forkproxy.wire.head_limits import response_length

HEAD = 65536  # octets that an answer's head may have


def reach(address: Address, limit: float) -> None:
    """Connect, and close again. Waits. Raises PeerError."""
    dial_stream(address, limit).close()


def ask(
    address: Address,
    request: bytes,
    connect_limit: float,
    limit: float,
    most: int,
    greet: Callable[[Stream], None] | None = None,
    *,
    secure: bool = False,
) -> tuple[ResponseHead, bytes]:
    """Send a request; return the head and at most so many octets of content. Waits.

    `greet` is what comes before; where it is to be `secure`, it shakes hands. Raises PeerError.
    """
    stream = dial_stream(address, connect_limit, secure=secure)
    try:
        if greet is not None:
            greet(stream)
        stream.read_limit = stream.write_limit = 0.0
        stream.read_by = stream.write_by = clock.monotonic() + limit
        stream.send(request)
        return _answer(stream, most)
    except TimeoutError:
        raise PeerError("timed out", sent=True, status=504) from None
    except ProtocolError as error:
        raise PeerError(f"invalid answer ({error.reason})", sent=True) from None
    except OSError as error:
        raise PeerError(f"{error.strerror}", sent=True) from None
    finally:
        stream.close()


def _answer(stream: Stream, most: int) -> tuple[ResponseHead, bytes]:
    data, length, scanned = b"", 0, 0
    while not length:
        piece = stream.recv()
        if not piece:
            raise PeerError("closed the connection before its answer", sent=True)
        data += piece
        length, scanned = response_length(data, scanned, HEAD)
    head = parse_response_head(data[:length])
    body, rest = b"", data[length:]
    decoder = ChunkedDecoder() if head.chunked else None
    wanted = min(most, head.content_length) if head.content_length >= 0 else most
    while len(body) < wanted and (rest or (rest := stream.recv())):
        if decoder is None:
            body += rest
        else:
            body += decoder.feed(rest)[0]
            if decoder.done:
                break
        rest = b""
    return head, body[:wanted]
