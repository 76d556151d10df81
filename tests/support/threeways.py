"""The same octets to a parser in three ways: at once, octet by octet, and with more behind them."""

from forkproxy.errors import ProtocolError

MORE = b"GET /next HTTP/1.1\r\nHost: next\r\n\r\n"


def three_ways(read, octets):
    """Return what `read` makes of `octets`; fail where it is not the same each way.

    `read` takes an iterator of pieces and returns (what it found, the octets behind it), or
    None where the pieces were not enough, or raises ProtocolError. What is returned is that
    pair, None, or the status of the error.
    """
    once = outcome(read, [octets])
    slowly = outcome(read, [octets[at : at + 1] for at in range(len(octets))])
    assert slowly == once, "octet by octet it is another message"
    followed = outcome(read, [octets + MORE])
    if isinstance(once, tuple):
        found, rest = once
        assert followed == (found, rest + MORE), "what follows changed the message"
    elif once is not None:
        assert followed == once, "what follows changed the verdict"
    return once


def outcome(read, pieces):
    """Return what `read` returns, or the status of the ProtocolError it raises."""
    try:
        return read(iter(pieces))
    except ProtocolError as error:
        return error.status
