"""A client that speaks HTTP/2 by the h2 package, frame by frame where a test wants that.

with Client2(server.address) as client:
    assert client.get("/").body == b"ok"
"""

import contextlib
import socket
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings

from tests.support.eventually import PATIENCE
from tests.support.sockets import connect

LENIENT = h2.config.H2Configuration(
    client_side=True,
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
    header_encoding=None,
)


@dataclass
class Answer2:
    """What came on one stream: `reset` is the code of an RST_STREAM."""

    fields: list = field(default_factory=list)
    informational: list = field(default_factory=list)
    body: bytes = b""
    trailers: list = field(default_factory=list)
    ended: bool = False
    reset: int | None = None

    @property
    def status(self):
        return int(self.get(b":status"))

    def get(self, name):
        return next((value for found, value in self.fields if found == name), None)


class Client2:
    """One connection.

    Attributes:
        answers: by number of the stream.
        goaway: the last GOAWAY that came, as h2's event; `goaways` has all.
        events: everything that came.
    """

    def __init__(self, address, *, wrap=None, window=None):
        sock = connect(address)
        self.sock = wrap(sock) if wrap else sock
        self.sock.settimeout(PATIENCE)
        self.conn = h2.connection.H2Connection(LENIENT)
        if window is not None:
            self.conn.local_settings = h2.settings.Settings(
                client=True,
                initial_values={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window},
            )
        self.answers = {}
        self.events = []
        self.goaways = []
        self.closed = False
        self._octets = b""
        self.conn.initiate_connection()
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    @property
    def goaway(self):
        return self.goaways[-1] if self.goaways else None

    def flush(self):
        with contextlib.suppress(OSError):  # what the server still said is to be read
            self.sock.sendall(self.conn.data_to_send())

    def send_raw(self, octets):
        self.sock.sendall(octets)

    def request(self, *fields, path="/", method="GET", body=None, end=True, authority="a"):
        """Begin a request; return its stream. `body` goes with it, `end`: all is said."""
        stream = self.conn.get_next_available_stream_id()
        head = [
            (b":method", method.encode()),
            (b":scheme", b"http"),
            (b":path", path.encode()),
            (b":authority", authority.encode()),
            *fields,
        ]
        return self.request_of(head, stream, body=body, end=end)

    def request_of(self, head, stream=None, body=None, *, end=True):
        """The same, of a head that is given as a whole."""
        stream = stream or self.conn.get_next_available_stream_id()
        self.conn.send_headers(stream, head, end_stream=end and body is None)
        self.answers[stream] = Answer2()
        if body is not None:
            self.send(stream, body, end=end)
        self.flush()
        return stream

    def send(self, stream, body, *, end=True):
        """Send content, as the windows allow."""
        while True:
            room = min(
                self.conn.local_flow_control_window(stream), self.conn.max_outbound_frame_size
            )
            piece, body = body[:room], body[room:]
            if piece or not body:
                self.conn.send_data(stream, piece, end_stream=end and not body)
            self.flush()
            if not body:
                return
            if room == 0:
                self.receive()

    def receive(self):
        """Take what comes next, and account for it; False when the connection has ended."""
        try:
            octets = self.sock.recv(65536)
        except (ConnectionError, TimeoutError):
            octets = b""
        if not octets:
            self.closed = True
            return False
        self._octets += octets
        while len(self._octets) >= 9:
            size = 9 + int.from_bytes(self._octets[:3], "big")
            if len(self._octets) < size:
                break
            frame, self._octets = self._octets[:size], self._octets[size:]
            for event in self.conn.receive_data(frame):
                self._take(event)
            self.flush()  # a GOAWAY would make h2 forget what is still to be said
        return True

    def _take(self, event):
        self.events.append(event)
        answer = self.answers.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            self.goaways.append(event)
            # h2 takes nothing after a GOAWAY, though what is under way goes on (RFC 9113 §6.8).
            self.conn.state_machine.state = h2.connection.ConnectionState.CLIENT_OPEN
        if answer is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            answer.fields = event.headers
        elif isinstance(event, h2.events.InformationalResponseReceived):
            answer.informational.append(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            answer.body += event.data
            self.conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            answer.trailers = event.headers
        elif isinstance(event, h2.events.StreamEnded):
            answer.ended = True
        elif isinstance(event, h2.events.StreamReset):
            answer.reset = event.error_code

    def until(self, condition):
        """Receive until a condition holds; fail where the connection ends before."""
        while not condition():
            assert self.receive(), "the connection has ended"

    def answer(self, stream):
        """Return the answer of a stream, once it has ended or was reset."""
        answer = self.answers[stream]
        self.until(lambda: answer.ended or answer.reset is not None)
        return answer

    def get(self, path="/", *fields, **given):
        return self.answer(self.request(*fields, path=path, **given))

    def wait_closed(self):
        """Receive until the server ends the connection."""
        while self.receive():
            pass
        return True


def shut(client):
    """Say that nothing more will be said."""
    client.sock.shutdown(socket.SHUT_WR)
