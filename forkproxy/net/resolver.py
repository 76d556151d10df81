"""Names to addresses by asking name servers, while we run.

Answers are kept for as long as they say, or for `valid`. Who asks for a name that is being asked
for waits for that answer. Each question goes out from a port of its own, with a random number, and
to the next server when there is no answer, or none that can be made sense of. As in nginx, a server
that says that it failed has answered; the next question goes to the next server.
"""

from __future__ import annotations

import contextlib
import random
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import gevent
import gevent.event
import gevent.socket

from forkproxy import clock
from forkproxy.errors import ForkproxyError
from forkproxy.wire import dns
from forkproxy.wire.dns import Kind, Reply

RESEND = 2.0  # seconds until the next server is asked
TCP_LIMIT = 5.0  # and where a datagram did not do
MOST_ALIASES = 16  # from one name to the next
MOST_KEPT = 4096  # names
Count = Callable[[int], None]  # one more in a cell of the resolver's counters


class ResolveError(ForkproxyError):
    """A name has no address that we could learn.

    Attributes:
        code: of the answer (RFC 1035 §4.1.1), or 110 for no answer in time.
    """

    def __init__(self, name: str, code: int) -> None:
        word = dns.WORDS.get(code, "Unknown error")
        super().__init__(f"{name} could not be resolved ({code}: {word})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Found:
    """What a name leads to. `until` is monotonic: how long it may be kept."""

    addresses: tuple[str, ...]
    until: float


@dataclass(frozen=True, slots=True)
class FoundService:
    """One peer of a service; the lower the priority, the more it is preferred."""

    address: str
    port: int
    weight: int
    priority: int


class Resolver:
    """Name servers, and what they have told this process."""

    def __init__(
        self,
        servers: Sequence[tuple[str, int]],
        valid: float | None = None,
        *,
        ipv4: bool = True,
        ipv6: bool = True,
    ) -> None:
        """Ask these servers for the addresses of some families."""
        self._servers = tuple(servers)
        self.valid = valid  # seconds that answers are kept; None: as they say themselves
        self._kinds = [kind for kind, on in ((Kind.A, ipv4), (Kind.AAAA, ipv6)) if on]
        self._count: Count = lambda _cell: None
        self._turn = -1
        self._kept: dict[str, Found] = {}
        self._asking: dict[str, gevent.event.AsyncResult] = {}

    def count_by(self, count: Count) -> None:
        """Count questions and answers: by ResolverCell of the scoreboard."""
        self._count = count

    def addresses(self, name: str, limit: float) -> Found:
        """Return the addresses of a name. Waits. Raises ResolveError.

        They come as the answer has them, and any of them first where it was kept.
        """
        name = name.lower().rstrip(".")
        found = self._known(name)
        if found is None:
            return self._learnt(name, limit, 0)
        start = random.randrange(len(found.addresses))
        return Found(found.addresses[start:] + found.addresses[:start], found.until)

    def services(self, service: str, name: str, limit: float) -> tuple[list[FoundService], float]:
        """Return the peers of a service, and how long they hold. Waits. Raises ResolveError."""
        asked = f"{service}.{name}" if "." in service else f"_{service}._tcp.{name}"
        self._turn += 1
        deadline = clock.monotonic() + limit
        reply = self._ask(asked, Kind.SRV, deadline)
        for _ in range(MOST_ALIASES):
            if not reply.alias:
                break
            reply = self._ask(reply.alias, Kind.SRV, deadline)
        if not reply.services:
            raise ResolveError(asked, dns.NXDOMAIN)
        until = clock.monotonic() + self._life(reply)
        made: list[FoundService] = []
        failure: ResolveError | None = None
        for record in reply.services:
            try:
                found = self._look_up(record.target.lower(), limit, 0)
            except ResolveError as error:
                failure = error
                continue
            until = min(until, found.until)
            made += [
                FoundService(address, record.port, record.weight, record.priority)
                for address in found.addresses
            ]
        if not made and failure is not None:
            raise failure
        return made, until

    def _look_up(self, name: str, limit: float, depth: int) -> Found:
        """Return what is kept, or ask. Waits."""
        return self._known(name) or self._learnt(name, limit, depth)

    def _known(self, name: str) -> Found | None:
        kept = self._kept.get(name)
        return kept if kept is not None and kept.until > clock.monotonic() else None

    def _learnt(self, name: str, limit: float, depth: int) -> Found:
        """Ask for a name; those who ask for the same one share the answer. Waits."""
        asking = self._asking.get(name)
        if asking is None:
            asking = self._asking[name] = gevent.event.AsyncResult()
            gevent.spawn(self._settle, name, asking, limit, depth)
        asking.wait(limit)
        if not asking.ready():
            raise ResolveError(name, dns.TIMED_OUT)
        outcome = asking.get()
        if isinstance(outcome, ForkproxyError):
            raise outcome
        return outcome  # type: ignore[no-any-return]

    def _settle(
        self, name: str, asking: gevent.event.AsyncResult, limit: float, depth: int
    ) -> None:
        try:
            outcome = self._kept[name] = self._asked(name, limit, depth)
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        except ResolveError as error:
            outcome = error  # type: ignore[assignment]
        except Exception as error:  # whoever waits must not do so for ever
            outcome = ResolveError(f"{name} ({error!r})", 2)  # type: ignore[assignment]
        del self._asking[name]
        asking.set(outcome)

    def _asked(self, name: str, limit: float, depth: int) -> Found:
        """Ask for every kind of address at once."""
        deadline = clock.monotonic() + limit
        self._turn += 1
        asking = [
            gevent.spawn(_outcome, partial(self._ask, name, k, deadline)) for k in self._kinds
        ]
        gevent.joinall(asking)
        failed = [one.value for one in asking if isinstance(one.value, ResolveError)]
        # nginx: half an answer is none, unless the other half is that there are no such addresses.
        if any(error.code != dns.NXDOMAIN for error in failed) or len(failed) == len(asking):
            raise ResolveError(name, failed[0].code)
        replies = [one.value for one in asking if isinstance(one.value, Reply)]
        addresses = tuple(address for reply in replies for address in reply.addresses)
        if addresses:
            life = min(self._life(reply) for reply in replies if reply.addresses)
            return Found(addresses, clock.monotonic() + life)
        alias = replies[-1]
        if alias.alias and depth < MOST_ALIASES:
            left = deadline - clock.monotonic()
            end = self._look_up(alias.alias.lower(), max(0.001, left), depth + 1)
            return Found(end.addresses, min(end.until, clock.monotonic() + self._life(alias)))
        raise ResolveError(name, dns.NXDOMAIN)

    def _life(self, reply: Reply) -> float:
        return self.valid if self.valid is not None else float(reply.life)

    def _ask(self, name: str, kind: Kind, deadline: float) -> Reply:
        """Ask one server after the other. Waits. Raises ResolveError."""
        try:
            number, packet = dns.question(name, kind)
        except ValueError:
            raise ResolveError(name, dns.NXDOMAIN) from None
        read = partial(dns.answer, number=number, name=name, kind=kind)
        asked, code, turn = 0, dns.TIMED_OUT, self._turn
        self._count(1 if kind is Kind.SRV else 0)
        while (left := deadline - clock.monotonic()) > 0:
            server = self._servers[(turn + asked) % len(self._servers)]
            asked += 1
            reply = _over_udp(server, packet, min(RESEND, left), read)
            if reply is not None and reply.truncated:
                left = min(TCP_LIMIT, deadline - clock.monotonic())
                reply = _over_tcp(server, packet, left, read)
            if reply is None:
                continue
            code = reply.code
            self._count(_CELLS.get(code, _UNKNOWN))
            if code == dns.NOERROR:
                return reply
            if code in dns.FINAL:
                break
            if asked % len(self._servers) == 0:  # nobody understands us: not at once again
                gevent.sleep(min(RESEND, max(0.0, deadline - clock.monotonic())))
        if code == dns.TIMED_OUT:
            self._count(_CELLS[code])
        raise ResolveError(name, code)


# Where the counters have the answers: see ResolverCell of the scoreboard.
_CELLS = {0: 3, 1: 4, 2: 5, 3: 6, 4: 7, 5: 8, dns.TIMED_OUT: 9}
_UNKNOWN = 10

_Read = Callable[[bytes], Reply | None]


def _outcome(call: Callable[[], Reply]) -> Reply | ResolveError:
    """Call; return the error as a value, for one greenlet to give another."""
    try:
        return call()
    except ResolveError as error:
        return error


def _over_udp(server: tuple[str, int], packet: bytes, limit: float, read: _Read) -> Reply | None:
    """Send a question and return the answer, None for none in time. Waits."""
    deadline = clock.monotonic() + limit
    with contextlib.closing(_socket(server, socket.SOCK_DGRAM)) as sock:
        try:
            sock.connect(server)
            sock.send(packet)
            while (left := deadline - clock.monotonic()) > 0:
                sock.settimeout(left)
                reply = read(sock.recv(dns.LONGEST))
                if reply is not None:
                    return reply
        except TimeoutError:
            return None
        except OSError:
            # Nobody is there. The server may come: it is asked again when the others were.
            gevent.sleep(min(0.1, max(0.0, deadline - clock.monotonic())))
    return None


def _over_tcp(server: tuple[str, int], packet: bytes, limit: float, read: _Read) -> Reply | None:
    """The same for answers that no datagram holds (RFC 7766). Waits."""
    with contextlib.closing(_socket(server, socket.SOCK_STREAM)) as sock:
        try:
            sock.settimeout(max(0.001, limit))
            sock.connect(server)
            sock.sendall(struct.pack("!H", len(packet)) + packet)
            (length,) = struct.unpack("!H", _exactly(sock, 2))
            return read(_exactly(sock, length))
        except OSError:
            return None


def _exactly(sock: gevent.socket.socket, count: int) -> bytes:
    """Receive so many octets. Waits."""
    got = b""
    while len(got) < count:
        piece = sock.recv(count - len(got))
        if not piece:
            raise ConnectionError("closed")
        got += piece
    return got


def _socket(server: tuple[str, int], kind: int) -> gevent.socket.socket:
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    return gevent.socket.socket(family, kind)
