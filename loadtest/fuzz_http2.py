"""HTTP/2's session under what an input makes of a client: `python -m loadtest.fuzz --http2`.

The octets of an input are choices: what the client does next, in which pieces it arrives, and when
and how much the server reads and answers. Half of the inputs are spoken by the h2 package, which
then judges each frame that we send: its state, its fields, its windows; and content must arrive as
it was sent, both ways. The other half are frames of any kind, in one go and in pieces, which must
agree. Anything but that is a finding.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import hpack
import hyperframe.frame
from h2.settings import SettingCodes

from forkproxy.wire.h2 import Session
from forkproxy.wire.h2_stream import H2Stream
from forkproxy.wire.head_limits import HeadLimits

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_STREAMS = 8  # at a time
_FIELD_BLOCK = (hyperframe.frame.HeadersFrame.type, hyperframe.frame.ContinuationFrame.type)
_UNREAD = 16 << 20  # octets of content that all streams may send before somebody reads
_CONTENT = bytes(range(251)) * 400
_METHODS = (b"GET", b"POST", b"CONNECT", b"OPTIONS", b"get", b"G T", b"")
_PATHS = (b"/", b"/a/../b?c", b"*", b"", b"a", b"/ b", b"/%00", b"/" + b"x" * 511)
_FIELDS = (
    (b"content-length", b"3"),
    (b"content-length", b"100000"),
    (b"te", b"trailers"),
    (b"te", b"gzip"),
    (b"connection", b"close"),
    (b"transfer-encoding", b"chunked"),
    (b"cookie", b"a=b"),
    (b"priority", b"u=1, i"),
    (b"host", b"a"),
    (b"Upper", b"x"),
    (b"x", b"a\r\nb: c"),
    (b"", b"x"),
    (b":protocol", b"websocket"),
    (b":path", b"/twice"),
    (b"x-long", b"y" * 400),
    (b"sec-websocket-version", b"13"),
)


def one(octets: bytes) -> None:
    """Let a session live through what these octets say. Raises for a finding."""
    choices = Choices(octets)
    (spoken if choices.below(2) else frames)(choices)


class Choices:
    """The octets of an input, taken as numbers; when they are used up all are 0."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    @property
    def left(self) -> bool:
        return self._at < len(self._octets)

    def below(self, limit: int) -> int:
        """Return a number below a limit."""
        size = 1 if limit <= 256 else 4
        return int.from_bytes(self.some(size), "big") % limit

    def size(self, limit: int) -> int:
        """Return a number below a limit, most often a small one."""
        return self.below(limit if self.below(8) == 0 else 256)

    def some(self, count: int) -> bytes:
        """Return up to so many octets as they are."""
        found = self._octets[self._at : self._at + count]
        self._at += count
        return found


def _session(choices: Choices) -> Session:
    limits = HeadLimits(line=512, listed=1024)
    return Session(limits, streams=_STREAMS, window=(65536, 65535, 1000, 0)[choices.below(4)])


# Frames of any kind.


def frames(choices: Choices) -> None:
    """A client that may break every rule."""
    whole, cut = _twins(choices)
    size = 1 + choices.below(64)
    octets = PREFACE + b"".join(_frames(choices))
    whole.receive(octets)
    for at in range(0, len(octets), size):
        cut.receive(octets[at : at + size])
    said = [_answered(session) for session in (whole, cut)]
    parsed(said[0])
    if (cut.trouble or "").startswith("Too many CONTINUATION"):
        return  # libnghttp2 counts each piece of a CONTINUATION's head as one
    # Octets that come after a GOAWAY, when no stream is left, libnghttp2 does not look at.
    assert said[0].startswith(said[1]), "in pieces it is something else"
    assert said[0] == said[1] or _goes_away(octets), "in pieces it is less"


def _goes_away(octets: bytes) -> bool:
    at = len(PREFACE)
    while at + 9 <= len(octets):
        if octets[at + 3] == hyperframe.frame.GoAwayFrame.type:
            return True
        at += 9 + int.from_bytes(octets[at : at + 3], "big")
    return False


def _twins(choices: Choices) -> tuple[Session, Session]:
    window = choices.some(1)
    return _session(Choices(window)), _session(Choices(window))


def _frames(choices: Choices) -> Iterator[bytes]:
    while choices.left:
        kind = choices.below(16)
        if kind > 10:
            yield choices.some(choices.below(32))
            continue
        flags, stream = choices.below(256), choices.below(12)
        payload = choices.some(choices.below(48))
        if flags & 2:  # no flag of any frame
            payload *= 40
        yield len(payload).to_bytes(3, "big") + bytes((kind, flags, 0, 0, 0, stream)) + payload


def _answered(session: Session) -> bytes:
    """Read and answer all that there is; return all that is said."""
    said = session.to_send()
    for stream in list(session.streams.values()):
        if stream.head is not None or stream.status:
            _bounded(session, stream, 0)
            session.read(stream)
            session.respond(stream, [(b":status", b"200"), (b"server", b"x")], b"content" * 99)
            said += session.to_send()
            session.close(stream)
    return said + session.to_send()


def parsed(said: bytes) -> None:
    """Raise where this is not whole frames with whole field blocks."""
    decoder = hpack.Decoder()
    block, at = b"", 0
    while at < len(said):
        frame, length = hyperframe.frame.Frame.parse_frame_header(memoryview(said[at : at + 9]))
        frame.parse_body(memoryview(said[at + 9 : at + 9 + length]))
        assert at + 9 + length <= len(said), "half a frame"
        at += 9 + length
        assert not isinstance(frame, hyperframe.frame.PushPromiseFrame), "a push"
        if frame.type in _FIELD_BLOCK:
            block += frame.data
            if "END_HEADERS" in frame.flags:
                decoder.decode(block)
                block = b""
    assert not block, "half a field block"


def _bounded(session: Session, stream: H2Stream, taken: int) -> None:
    assert stream.received - taken <= 65536, "more content than its window"
    assert len(session.streams) <= 4 * _STREAMS, "more streams than were allowed"


# What h2 speaks.


@dataclass
class _Spoken:
    """One stream as both sides have it."""

    asked: bytes = b""  # content the client sent
    read: bytes = b""
    given: bytes = b""  # content we were given to send
    heard: bytes = b""
    left: bytes = b""  # given, and not gone yet
    last: bool = False
    answered: bool = False
    said: bool = False  # the client will say no more
    over: bool = False  # one side has reset it
    ended: bool = False  # the client heard the end


@dataclass
class _Talk:
    choices: Choices
    session: Session
    neighbour: Session  # of another client: what they have in common must not be mixed up
    client: h2.connection.H2Connection
    streams: dict[int, _Spoken] = field(default_factory=dict)
    known: dict[int, H2Stream] = field(default_factory=dict)
    forgotten: dict[int, bytes] = field(default_factory=dict)  # streams the client has reset
    heading: bool = False  # the client has heard a part of a field block
    unsettled: bool = True  # the client's settings were not acknowledged yet

    def any(self) -> tuple[int, _Spoken] | None:
        """Return one of the client's streams."""
        if not self.streams:
            return None
        number = list(self.streams)[self.choices.below(len(self.streams))]
        return number, self.streams[number]

    def speaking(self) -> tuple[int, _Spoken] | None:
        """Return one on which the client may say something."""
        found = self.any()
        return None if found is None or found[1].said or found[1].over else found

    def deliver(self) -> None:
        """Hand what the client said over, in pieces."""
        octets = self.client.data_to_send()
        size = (1 << 20, 1, 9, 1000)[self.choices.below(4)]
        for at in range(0, len(octets), size):
            for stream in self.session.receive(octets[at : at + size]):
                self.known[stream.id] = stream

    def hear(self) -> None:
        """Let the client judge what we say."""
        said = self.session.to_send((1 << 20, 1, 100)[self.choices.below(3)])
        self.neighbour.receive(b"\0\0\x08\x06\0\0\0\0\0neighbor")
        self.neighbour.to_send()
        at = 0
        while at < len(said):
            length = 9 + int.from_bytes(said[at : at + 3], "big")
            self._hear_frame(said[at : at + length])
            at += length
        assert at == len(said), "half a frame"

    def _hear_frame(self, octets: bytes) -> None:
        frame, _ = hyperframe.frame.Frame.parse_frame_header(memoryview(octets[:9]))
        if frame.stream_id in self.forgotten and frame.type in _FIELD_BLOCK:
            # h2 takes no head of a stream that it has reset, but HPACK goes on.
            frame.parse_body(memoryview(octets[9:]))
            self.forgotten[frame.stream_id] += frame.data
            if "END_HEADERS" in frame.flags:
                self.client.decoder.decode(self.forgotten[frame.stream_id])
                self.forgotten[frame.stream_id] = b""
            return
        if frame.type in _FIELD_BLOCK:
            self.heading = "END_HEADERS" not in frame.flags
        for event in self.client.receive_data(octets):
            self._take(event)

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ConnectionTerminated):
            # h2 takes nothing after a GOAWAY, though what is under way goes on.
            self.client.state_machine.state = h2.connection.ConnectionState.CLIENT_OPEN
            return
        if isinstance(event, h2.events.SettingsAcknowledged):
            self.unsettled = False
        spoken = self.streams.get(getattr(event, "stream_id", None) or 0)
        if spoken is None:
            return
        if isinstance(event, h2.events.DataReceived):
            spoken.heard += event.data
            assert spoken.given.startswith(spoken.heard), "other content than was given"
        elif isinstance(event, h2.events.StreamEnded):
            spoken.ended = True
            assert spoken.heard == spoken.given, "less content than was given"
        elif isinstance(event, h2.events.StreamReset):
            spoken.over = True


def spoken(choices: Choices) -> None:
    """A client that knows the rules, and messages that may not."""
    client = h2.connection.H2Connection(
        h2.config.H2Configuration(
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
            header_encoding=None,
        )
    )
    talk = _Talk(choices, _session(choices), _session(Choices(b"")), client)
    talk.neighbour.receive(PREFACE)
    client.initiate_connection()
    if choices.below(2):
        talk.deliver()
        talk.hear()
    while choices.left and not talk.session.failed:
        _STEPS[choices.below(len(_STEPS))](talk)
    _leave_all(talk)


def _leave_all(talk: _Talk) -> None:
    """Nobody serves anything any more: what came unread must not narrow the connection."""
    talk.deliver()
    for number, stream in talk.known.items():
        if number in talk.streams and (stream.head is not None or stream.status):
            talk.session.close(stream, 8)
    talk.hear()
    if not talk.session.failed and not talk.unsettled:
        assert talk.client.outbound_flow_control_window >= _UNREAD // 2, "the window shrinks"


def _ask(talk: _Talk) -> None:
    choices = talk.choices
    if talk.client.open_outbound_streams >= _STREAMS:
        return
    head = [
        (b":method", _METHODS[choices.below(3 * len(_METHODS)) % len(_METHODS)]),
        (b":scheme", b"https"),
        (b":path", _PATHS[choices.below(len(_PATHS))]),
        (b":authority", (b"a", b"a:1", b"b a", b"")[choices.below(4)]),
    ]
    head += [_FIELDS[choices.below(len(_FIELDS))] for _ in range(choices.below(4))]
    number = talk.client.get_next_available_stream_id()
    ends = bool(choices.below(2))
    talk.client.send_headers(number, head, end_stream=ends)
    talk.streams[number] = _Spoken(said=ends)


def _send(talk: _Talk) -> None:
    if (found := talk.speaking()) is None:
        return
    number, spoken = found
    room = talk.client.local_flow_control_window(number)
    size = min(room, talk.client.max_outbound_frame_size, talk.choices.size(20000))
    start = talk.choices.below(251)
    content = _CONTENT[start : start + max(size, 0)]
    padding = talk.choices.below(20) or None
    if padding is not None and len(content) + padding + 1 > room:
        padding = None
    if room < 0:
        return
    spoken.said = not talk.choices.below(4)
    padded = content if padding is None else content[: 16384 - 1 - padding]
    talk.client.send_data(number, padded, end_stream=spoken.said, pad_length=padding)
    spoken.asked += padded


def _send_trailers(talk: _Talk) -> None:
    if (found := talk.speaking()) is not None:
        trailer = _FIELDS[talk.choices.below(len(_FIELDS))]
        talk.client.send_headers(found[0], [trailer], end_stream=True)
        found[1].said = True


def _reset(talk: _Talk) -> None:
    if (
        not talk.heading
        and (found := talk.any()) is not None
        and not found[1].over
        and not found[1].ended
    ):
        talk.client.reset_stream(found[0], talk.choices.below(16))
        found[1].over = True
        talk.forgotten[found[0]] = b""


def _widen(talk: _Talk) -> None:
    found = talk.any() if talk.choices.below(2) else None
    more = 1 + talk.choices.below(1 << 20)
    if found is None:
        talk.client.increment_flow_control_window(more)
    elif not found[1].over and not found[1].ended:
        talk.client.increment_flow_control_window(more, found[0])


def _settle(talk: _Talk) -> None:
    """Change a setting. One at a time: h2 takes an acknowledgement for all that are under way."""
    choices = talk.choices
    if talk.unsettled:
        return
    talk.unsettled = True
    values = {
        SettingCodes.INITIAL_WINDOW_SIZE: choices.below(100000),
        SettingCodes.MAX_FRAME_SIZE: 16384 + choices.below(1000),
        SettingCodes.HEADER_TABLE_SIZE: choices.below(8192),
        SettingCodes.MAX_CONCURRENT_STREAMS: choices.below(100),
    }
    chosen = list(values)[choices.below(4)]
    talk.client.update_settings({chosen: values[chosen]})


def _ping(talk: _Talk) -> None:
    talk.client.ping(b"12345678")


def _read(talk: _Talk) -> None:
    if (found := _served(talk)) is None:
        return
    _, spoken, stream = found
    _bounded(talk.session, stream, len(spoken.read))
    spoken.read += talk.session.read(stream)
    assert spoken.asked.startswith(spoken.read), "other content than was sent"
    if stream.ended and not stream.malformed and not stream.closed and not spoken.over:
        assert spoken.read == spoken.asked, "less content than was sent"


def _served(talk: _Talk) -> tuple[int, _Spoken, H2Stream] | None:
    """Return one of the streams that the session has announced."""
    found = talk.any()
    if found is None or (stream := talk.known.get(found[0])) is None:
        return None
    if stream.head is None and not stream.status:
        return None
    return (*found, stream)


def _respond(talk: _Talk) -> None:
    if (found := _served(talk)) is None or found[1].answered:
        return
    _, spoken, stream = found
    spoken.answered = True
    fields = [(b":status", b"200"), (b"x", b"y" * talk.choices.size(20000))]
    if not talk.choices.below(4):
        talk.session.respond(stream, fields)
        spoken.last = True
        return
    _give(talk, spoken, lambda content, last: talk.session.respond(stream, fields, content, last))


def _go_on(talk: _Talk) -> None:
    found = _served(talk)
    if found is None or not found[1].answered or (found[1].last and not found[1].left):
        return
    _, spoken, stream = found
    _give(talk, spoken, lambda content, last: talk.session.go_on(stream, content, last))


def _give(talk: _Talk, spoken: _Spoken, send: Callable[[bytes, bool], bytes]) -> None:
    """Give content to be sent: what was left before, and some more where it was not the end."""
    content = spoken.left
    if not spoken.last:
        start = talk.choices.below(251)
        more = _CONTENT[start : start + talk.choices.size(100000)]
        content += more
        spoken.given += more
        spoken.last = bool(talk.choices.below(2))
    spoken.left = send(content, spoken.last)


def _hint(talk: _Talk) -> None:
    if (found := _served(talk)) is not None and not found[1].answered:
        talk.session.hint(found[2], [(b":status", b"103"), (b"link", b"</a>; rel=preload")])


def _finish(talk: _Talk) -> None:
    """End an answer by trailers."""
    found = _served(talk)
    if found is not None and found[1].answered and not found[1].last and not found[1].left:
        found[1].last = True
        talk.session.finish(found[2], [(b"x-sum", b"y" * talk.choices.size(20000))])


def _doze(talk: _Talk) -> None:
    talk.session.doze()
    talk.neighbour.doze()


def _leave(talk: _Talk) -> None:
    """Nobody serves a stream any more."""
    if (found := _served(talk)) is not None:
        number, _, stream = found
        talk.session.close(stream, talk.choices.below(3))
        del talk.streams[number], talk.known[number]


_STEPS: tuple[Callable[[_Talk], None], ...] = (
    _ask,
    _ask,
    _send,
    _send,
    _Talk.deliver,
    _Talk.hear,
    _read,
    _respond,
    _go_on,
    _widen,
    _settle,
    _send_trailers,
    _reset,
    _leave,
    _ping,
    _hint,
    _finish,
    _doze,
)


def seeds(count: int = 200) -> list[bytes]:
    """Return inputs to begin with: what is chosen at random reaches all steps."""
    chance = random.Random(8)
    return [chance.randbytes(chance.randint(8, 600)) for _ in range(count)]
