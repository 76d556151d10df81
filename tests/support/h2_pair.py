"""A session of ours and the client of it that h2 has, in one process and without a socket."""

import h2.config
import h2.connection
import h2.settings

from forkproxy.wire.h2 import Session
from forkproxy.wire.head_limits import HeadLimits

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEAD = [(":method", "GET"), (":scheme", "http"), (":path", "/x?y"), (":authority", "a")]
BLOCK = b"\x82\x86\x84\x41\x01a"  # GET http://a/ in HPACK
CALM = 11


def frame(kind, flags=0, stream=0, payload=b""):
    return (
        len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
    )


def ask(stream):
    """Return the frame of a whole request."""
    return frame(1, 5, stream, BLOCK)


class Pair:
    """A session, and h2's client of it, which begins with `settings`."""

    def __init__(self, **given):
        given_settings = given.pop("settings", None)
        self.session = Session(given.pop("limits", HeadLimits()), **given)
        self.client = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=True,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                header_encoding=None,
            )
        )
        if given_settings:
            self.client.local_settings = h2.settings.Settings(
                client=True, initial_values=given_settings
            )
        self.client.initiate_connection()
        self.exchange()

    def exchange(self):
        """Both hear what the other has said; return the session's news and the client's."""
        news = self.session.receive(self.client.data_to_send())
        return news, self.client.receive_data(self.session.to_send())

    def ask(self, *, stream=1, head=HEAD, end=True):
        self.client.send_headers(stream, head, end_stream=end)
        self.exchange()
        return self.session.streams[stream]

    def heard(self):
        return self.exchange()[1]


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def ended_with(session):
    """Return the code of the GOAWAY that ends a session which has failed."""
    said = session.to_send()
    assert session.failed
    at = said.rindex(b"\x07\x00\x00\x00\x00\x00", 3)
    return int.from_bytes(said[at + 10 : at + 14], "big")
