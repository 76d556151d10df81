"""One HTTP/2 connection: its frames to streams, its limits, its end.

There is no greenlet for it: octets that come are taken in the hub, and each stream that they begin
runs in a greenlet of its own. An idle connection is this object and libnghttp2's.

The end has two steps (RFC 9113 §6.8): a client that is busy is told first that it will be over, so
that what it has just sent is still served; then that nothing new is taken. A client that has been
quiet for a moment hears only the latter.
"""

from libc.stdint cimport uint64_t

from forkproxy.clock cimport wall
from forkproxy.core.plan cimport Settings
from forkproxy.downstream.http2_client cimport H2Client
from forkproxy.downstream.http2_outlet cimport FULL
from forkproxy.downstream.http2_stream cimport Substream
from forkproxy.downstream.http2_turns cimport Turns
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.buffer cimport Buffer
from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Stream
from forkproxy.shared.scoreboard cimport WAITING
from forkproxy.wire.h2 cimport Session
from forkproxy.wire.h2_sending cimport PROTOCOL_ERROR
from forkproxy.wire.h2_stream cimport H2Stream

from forkproxy.shared.errorlog import Level

DEF PIECES = 4              # times the buffer is read before other connections get their turn
DEF QUIET = 0.05            # seconds after which a client is not busy
DEF NOTICE = 1.0            # seconds between the two steps of the end: more than a round trip
DEF ASLEEP = 1.0            # seconds after which an idle connection gives memory back
DEF EARLY = 128             # requests before the last one at which the end is announced

# Where octets of all connections are read into: they are taken before anybody else runs.
cdef Buffer scratch = Buffer()


cdef class Ear:
    # Each keeps the connection alive while it runs, which may be the last thing that it does.

    cdef void woken(self, Stream stream) noexcept:
        cdef Http2 client = self.client
        try:
            client._look()
        except Exception as error:
            poller.report("unhandled in an HTTP/2 connection", error)
            client.close()

    cdef void expired(self, Stream stream) noexcept:
        cdef Http2 client = self.client
        if client.lingering:
            client.close()
        else:
            client._retire()

    cdef void room(self, Stream stream) noexcept:
        cdef Http2 client = self.client
        if client.session.out.used:
            client.outlet.flush()

    cdef void tick(self, Stream stream, double now) noexcept:
        cdef Http2 client = self.client
        client._tick(now)


cdef class Mouth:

    cdef void released(self, Stream stream) noexcept:
        cdef Http2 client = self.client
        client.clients.discard((<Substream> stream).frames.id)
        if client.over and not client.clients:
            client._forget()

    cdef void hear(self) noexcept:
        cdef Http2 client = self.client
        if client is None:
            return
        try:
            client._hear()
        except Exception as error:
            poller.report("unhandled in an HTTP/2 connection", error)
            self.lost = True

    cdef void sent(self) noexcept:
        cdef Http2 client = self.client
        if client is not None:
            client._rest()

    cdef void moved(self) noexcept:
        cdef Http2 client = self.client
        if client is not None and client.stuck_by != 0.0:
            client.stuck_by = 0.0
            self.socket.waited_to_write(client.stuck_since)

    cdef void stuck(self) noexcept:
        cdef Http2 client = self.client
        if client is not None and client.stuck_by == 0.0:
            client.stuck_since = poller.now
            client.stuck_by = self.socket.write_until()

    cdef void broke(self) noexcept:
        cdef Http2 client = self.client
        if client is not None:
            client.close()


cdef class Door(Turns):

    cdef int serving(self) noexcept:
        cdef Http2 client = self.client
        return 0 if client is None else len(client.clients)

    cdef int serve(self, H2Stream stream) except -1:
        cdef Http2 client = self.client
        return 0 if client is None or client.over else client._begin(stream)


cdef class Http2(Serving):

    def __init__(self, Stream stream not None, bytes address not None, int port, listener, acceptor,
                 long long number):
        self.arrive(stream, address, port, listener, acceptor, number)
        self.clients = set()

    cdef int serve_now(self, uint64_t* facts) except -1:
        self.facts = facts
        self.session = Session(self.first.limits, self.first.http2_streams,
                               self.first.http2_preread)
        self.forgiven_at = poller.now
        self.outlet = Mouth.__new__(Mouth)
        self.outlet.client = self
        self.outlet.session = self.session
        self.outlet.socket = self.stream
        self.ear = Ear.__new__(Ear)
        self.ear.client = self
        self.door = Door.__new__(Door)
        self.door.client = self
        self.stream.sleeper = self.ear
        self.stream.write_limit = self.first.default.settings.send_timeout
        self.stream.demand(self.first.default.settings.send_min_rate)
        self.outlet.produce()
        # Not here: this is a greenlet, and only the hub may start those of streams.
        poller.loop.run_callback(self._look_in_hub)
        return 0

    def _look_in_hub(self):
        if not self.over:
            self.ear.woken(self.stream)

    cdef int _look(self) except -1:
        """Take what has come, and do what it asks for. In the hub."""
        cdef Py_ssize_t count
        cdef int _piece
        for _piece in range(PIECES):
            try:
                count = self.stream.try_recv(scratch.data, scratch.size)
            except OSError:
                count = 0
            if count == 0:
                self.close()
                return 0
            if count < 0:
                break
            if self.lingering:
                continue
            self.session.feed(scratch.data, count)
            self.session.fill(FULL)     # what libnghttp2 resets is not to be served first
            self._hear()
            if self.over:
                return 0
        else:
            if self.stream.readable:
                poller.loop.run_callback(self._look_in_hub)
        self._mind_head()
        if not self.lingering:
            self.outlet.flush()
        return 0

    cdef int _mind_head(self) except -1:
        """A head that has begun has client_header_timeout to be complete."""
        if self.session.heading == 0:
            self.heading_by = 0.0
        elif self.heading_by == 0.0:
            self.heading_by = poller.now + self.first.client_header_timeout
            self.stream.read_by = 0.0
        return 0

    cdef int _give_up_head(self) except -1:
        """Its time is over: the stream ends, and the connection is as idle as it was before."""
        cdef H2Stream frames = self.session.streams.get(self.session.heading)
        self.heading_by = 0.0
        if frames is not None:
            self.session.reset(frames, PROTOCOL_ERROR)
        if self.idle:
            self.stream.read_by = poller.now + self.acceptor.patience(
                self.first.default.settings.keepalive_timeout)
        self.outlet.flush()
        return 0

    cdef int _hear(self) except -1:
        """Go through the streams of which something has changed. In the hub."""
        cdef H2Stream frames
        cdef Substream stream           # whoever is woken may let go of it
        cdef list news
        while self.session.news:
            news = self.session.news
            self.session.news = []
            for found in news:
                frames = <H2Stream> found
                frames.noted = False
                if frames.owner is not None:
                    stream = <Substream> (<H2Client> frames.owner).stream
                    stream.hear()
                elif frames.head is not None or frames.wrong is not None:
                    if frames.fresh:
                        frames.fresh = False
                        self.door.come(frames)
        return 0

    cdef int _begin(self, H2Stream frames) except -1:
        cdef H2Client client = H2Client.__new__(H2Client)
        if frames.closed or self.session.failed:
            self.session.release(frames)        # it was taken back before anybody saw it
            return 0
        if self.idle:
            self.idle = False
            self.facts[<int> WAITING] -= 1
            self.stream.read_by = 0.0
        self.requests += 1
        self.asked_at = poller.now
        client.belong(self)
        client.connection = self
        client.frames = frames
        client.outlet = self.outlet
        client.everywhere = self.listener.http2_everywhere
        frames.owner = client
        self.clients.add(frames.id)
        self._mind_limits()
        return client.begin()

    cdef int _mind_limits(self) except -1:
        """keepalive_requests and keepalive_time: what comes after this stream is not taken."""
        cdef Settings settings = self.first.default.settings
        self.idle_limit = settings.keepalive_timeout
        if (self.requests >= settings.keepalive_requests
                or wall() - self.since > settings.keepalive_time):
            self.session.go_away()
        elif self.requests == settings.keepalive_requests - EARLY:
            self.session.warn()
        return 0

    cdef void _rest(self) noexcept:
        """All is sent. With nothing under way the connection is idle, or over."""
        self.stuck_by = 0.0
        if self.over or self.lingering:
            return
        if self.session.failed:
            self._hang_up()
            self._linger()
        elif self.clients or self.door.waiting:
            return
        elif self.session.over():
            self._linger()
        elif not self.idle:
            if self.requests and self.idle_limit <= 0.0:
                self._retire()
                return
            self.idle = True
            self.asleep_at = poller.now + ASLEEP
            self.facts[<int> WAITING] += 1
            self.session.save()
            self.stream.read_by = poller.now + (
                self.acceptor.patience(self.idle_limit) if self.requests
                else self.first.client_header_timeout)

    cdef void _hang_up(self) noexcept:
        cdef Substream stream
        for found in list(self.session.streams.values()):
            if (<H2Stream> found).owner is not None:
                stream = <Substream> (<H2Client> (<H2Stream> found).owner).stream
                stream.hang_up()

    cdef void _retire(self) noexcept:
        """Take nothing new; what is under way ends in peace. In the hub."""
        try:
            self.session.go_away()
        except Exception as error:
            poller.report("unhandled in an HTTP/2 connection", error)
        self.outlet.flush()

    cdef void _linger(self) noexcept:
        """Read on for a moment before closing: a reset must not overtake the last frames."""
        cdef Settings settings = self.first.default.settings
        if self.session.failed and self.session.trouble is not None and not self.told:
            self.told = True
            self._report(self.session.trouble)
        if not settings.lingering_close or self.stream.hung_up:
            self.close()
            return
        self.lingering = True
        self.stream.shut()
        self.stream.read_by = poller.now + settings.lingering_timeout

    def _report(self, str text):
        log = self.first.default.settings.error_log
        if log.wants(Level.INFO):
            log.write(Level.INFO, f"{text}, client: {self.address.decode()}, "
                                  f"server: {self.listener.text}", self.number)

    cdef void _tick(self, double now) noexcept:
        cdef H2Stream frames
        cdef Substream stream
        if self.stuck_by != 0.0 and now >= self.stuck_by:
            self.close()
            return
        if self.clients:
            for found in list(self.session.streams.values()):
                frames = <H2Stream> found
                if frames.owner is not None:
                    stream = <Substream> (<H2Client> frames.owner).stream
                    stream.tick(now)
        try:
            if self.heading_by != 0.0 and now >= self.heading_by:
                self._give_up_head()
        except Exception as error:
            poller.report("unhandled in an HTTP/2 connection", error)
        if self.last_call != 0.0 and now >= self.last_call:
            self.last_call = 0.0
            self._retire()
        if now >= self.forgiven_at + 1.0:
            self.forgiven_at = now
            self.session.flood.forgive()
        if self.idle and self.asleep_at != 0.0 and now >= self.asleep_at:
            self.asleep_at = 0.0
            self.session.sleep()

    cdef void wind_down(self, double until) noexcept:
        if self.over or self.session is None or self.session.going:
            return
        if poller.now - self.asked_at > QUIET:
            self._retire()
            return
        try:
            self.session.warn()
        except Exception as error:
            poller.report("unhandled in an HTTP/2 connection", error)
        self.last_call = poller.now + NOTICE
        self.outlet.flush()

    cdef void cut(self) noexcept:
        if self.session is not None and not self.lingering:
            self._retire()
        self.close()

    cdef void close(self) noexcept:
        """The connection is no more; whoever serves one of its streams finds nobody there."""
        if self.over:
            return
        self.over = True
        if self.idle:
            self.idle = False
            self.facts[<int> WAITING] -= 1
        if self.session.failed and self.session.trouble is not None and not self.told:
            self.told = True
            self._report(self.session.trouble)
        self.outlet.lost = True
        self.stream.close()
        self._hang_up()
        if not self.clients:
            self._forget()

    cdef void _forget(self) noexcept:
        """Nothing is left to do: break the cycles, for memory to go back without the collector."""
        if self.outlet.client is not None:
            self.outlet.client = None
            self.ear.client = None
            self.door.client = None
            self.acceptor.gone(self)

    def __repr__(self):
        return f"<HTTP/2 connection {self.number} of {self.address.decode()}>"
