"""Filling: an answer is read as fast as its origin sends, kept, and followed by any number.

What is whole when its head comes is stored at once. Else a greenlet reads on, whatever becomes of
the client that asked: into memory, and what is large into a file that gets its name when it is
complete. Only then is it handed to the scribe. Nothing of an answer that ended too early is stored.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.string cimport memset

from forkproxy.cache.decide cimport (
    DISK_FULL, LYING_LENGTH, PURGED_MEANWHILE, STORED, STORE_BUSY, TRUNCATED, UNKNOWN_PART,
    Lifetime,
)
from forkproxy.cache.entry cimport (
    ALONE, HEAD_ONLY, IN_FILE, PARTS, Entry, EntryBody, Mark, entry_of, pack,
)
from forkproxy.cache.growing cimport Growing, growing
from forkproxy.cache.joining cimport Joining
from forkproxy.cache.parts cimport make_whole, same_content
from forkproxy.cache.showing cimport Head, Showing, ready_to_show
from forkproxy.cache.storing cimport Storing
from forkproxy.cache.terms cimport key_number
from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Body, Response
from forkproxy.core.incoming cimport Incoming
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task, poller
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport ETAG, LAST_MODIFIED

from forkproxy.cache import boot, extents
from forkproxy.cache.scribe import scribe
from forkproxy.errors import Gone, PeerError
from forkproxy.shared.errorlog import log
from forkproxy.wire.dates import parse_http_date

DEF IN_MEMORY = 131072          # octets that are stored at once, where all are there
DEF HELD_BACK = 1048576         # octets in memory for slow readers, where nothing can be written


cdef class Fill(Task):

    def __cinit__(self):
        self.gates = []
        self.followers = []

    cdef Response begin(self, Response response, Fields fields, Lifetime lifetime, bytes tags):
        """Take an answer over: store it, and return what its client gets."""
        cdef bytes packed, text
        cdef Mark* mark = &self.mark
        memset(mark, 0, sizeof(Mark))
        mark.status = <unsigned short> response.status
        lifetime.write(mark)
        mark.stored_at = wall()
        mark.identity = self.zone.next_identity()
        mark.modified = -1
        text = fields.known_value(LAST_MODIFIED)
        if text is not None:
            mark.modified = parse_http_date(text)
        if response.body is None and response.declared_length >= 0:
            mark.flags |= HEAD_ONLY
        if self.partial:
            mark.flags |= IN_FILE | PARTS
            mark.length = self.part.total
            mark.boot = boot.NUMBER
        packed = pack(mark, fields, self.key, tags, response.reason or b"", self.spec,
                      fields.known_value(ETAG) or b"")
        self.rest = packed[sizeof(Mark):]
        self.source = response.body
        self.declared = -1 if self.source is None else self.source.length
        self.content = growing(self.zone.bodies, mark.identity, self.part.start)
        self.framed = self.source is None or self.source.length >= 0 or (
            isinstance(self.source, Incoming) and (<Incoming> self.source).decoder is not None)
        self.stage = COMES
        if self._at_once():
            if self.partial:
                response.body = self.follow()
            elif self.stage == WHOLE and self.source is not None:
                response.body = EntryBody(entry_of(self.whole or self._octets()))
            return response
        response.body = self.follow()
        if self.claimed and self.framed:
            self._be_ready_to_show()
        poller.soon(self)
        self._tell()
        return response

    def _be_ready_to_show(self):
        cdef ShowingFill made = ShowingFill.__new__(ShowingFill)
        made.zone = self.zone
        made.number = self.number
        made.content = self.content
        made.fill = self
        self.showing = made
        ready_to_show(made)

    cdef int _at_once(self) except -1:
        """Whether all of it is here already: then it is stored."""
        cdef const char* octets = NULL
        cdef Py_ssize_t count = 0
        if self.source is not None and self.source.length != 0:
            count = self.source.at_hand(&octets)
            if count == 0 or count > IN_MEMORY:
                return False
            if self.source.length != count and not _ends_with(self.source, count):
                return False
            self.content.add_in_memory(octets, count)
            self.source.took(count)
            self.source.close()
        self._complete()
        return True

    cdef Entry head(self):
        """The answer's head as an entry without its content."""
        cdef Mark mark = self.mark
        mark.flags |= IN_FILE
        mark.parts = 0
        return entry_of(PyBytes_FromStringAndSize(<const char*> &mark, sizeof(Mark)) + self.rest)

    cdef Body follow(self):
        cdef FillBody body = FillBody.__new__(FillBody)
        body.fill = self
        body.length = self.content.length if self.stage == WHOLE else self.declared
        self.followers.append(body)
        return body

    cdef int run(self) except -1:
        cdef Buffer buffer = lend_large()
        cdef Py_ssize_t count
        try:
            while True:
                count = self.source.read_into(buffer.data, buffer.size)
                if count == 0:
                    break
                self._keep(buffer.data, count)
                self._tell()
            self._complete()
        except (PeerError, Gone, OSError) as error:
            self._failed(error)
        except BaseException as error:
            self._failed(PeerError(f"filling failed: {error!r}", sent=True))
            raise
        finally:
            give_back(buffer)
            self.source.close()
            self._tell()
        return 0

    cdef int _keep(self, const char* octets, Py_ssize_t count) except -1:
        self.moved_at = poller.now
        if self.reason == STORED:
            try:
                self.content.add(octets, count)
                return 0
            except OSError as error:
                # Nothing more is written; what is in the file can still be read.
                self.reason = DISK_FULL
                log.error(f"the cache {self.zone.name}: {error.strerror}, served uncached")
                self._show_no_more(False)
        self.content.add_in_memory(octets, count)
        self._hold_back()
        return 0

    cdef int _hold_back(self) except -1:
        """Let go of what all have read; wait where they are far behind. Waits."""
        cdef long long least
        cdef FillBody follower
        while True:
            least = self.content.length
            for follower in self.followers:
                least = min(least, follower.at)
            self.content.let_go(least)
            if self.content.memory.used <= HELD_BACK:
                return 0
            self._tell()
            self.room = Gate.__new__(Gate)
            self.room.wait()
            self.room = None

    cdef int _complete(self) except -1:
        """All of it has come: hand it to the scribe."""
        cdef bytes octets
        cdef Growing content = self.content
        if self.partial:
            self._judge_part()
        else:
            self.mark.length = content.length
        if self.zone.purges(self.number) != self.purges and self.reason == STORED:
            self.reason = PURGED_MEANWHILE
        if self.reason == STORED and isinstance(self.source, Incoming) and (
                <Incoming> self.source).surplus:
            # Somebody may have smuggled an answer of his own in behind this one, or before it.
            self.reason = LYING_LENGTH
            log.warn(f"the cache {self.zone.name}: more came than the length of an answer says")
        self.stage = WHOLE
        self._show_no_more(True)
        if self.reason == STORED and (self.partial or not content.small):
            try:
                if self.partial:
                    content.settle()
                content.take_name()
            except OSError:
                self.reason = DISK_FULL
        if self.reason != STORED or content.small:
            content.forget_file()
        if self.reason != STORED:
            self.zone.note_refusal(self.reason, self.key)
            self._release()
            return 0
        octets = self.whole = self._octets()
        if not self.partial or self._stands_alone():
            self.zone.pending[self.place] = octets
            if self.note is not None:
                self.zone.pending[self.key] = self.note
        if not scribe.submit(_storing(self, octets)):
            self.zone.forget(self.place, octets)
            if self.note is not None:
                self.zone.forget(self.key, self.note)
            self.zone.note_refusal(STORE_BUSY, self.key)
            content.forget_file()
            self._release()
        self._leave_fills()
        return 0

    cdef int _judge_part(self) except -1:
        """Whether it is as long as its Content-Range says."""
        cdef long long came = self.content.length, said = self.part.stop - self.part.start
        if self.reason != STORED:
            return 0
        if came > said:
            self.reason = LYING_LENGTH
        elif came == 0:
            self.reason = UNKNOWN_PART
        elif came < said:
            # Where it begins is certain; that it was not whole says too little about the rest.
            self.mark.flags |= ALONE
            self.part.stop = self.part.start + came
        return 0

    cdef bint _stands_alone(self) except *:
        """Whether a part can be shown before it is in the store: it is to be joined with none."""
        cdef Entry there
        if self.head_omitted:
            return False
        there = self.zone.find(self.place, key_number(self.place))
        if there is None:
            return True
        joins = same_content(there, entry_of(self.whole))
        there.drop()
        return not joins

    def _octets(self):
        """The entry as it is stored."""
        octets = b""
        if self.partial:
            if self.part.stop - self.part.start == self.part.total:
                make_whole(&self.mark)
            else:
                self.mark.parts = 1
                octets = extents.pack(((self.part.start, self.part.stop),))
        elif not self.content.small:
            self.mark.flags |= IN_FILE
        else:
            octets = PyBytes_FromStringAndSize(self.content.memory.data, self.content.memory.used)
        mark = PyBytes_FromStringAndSize(<const char*> &self.mark, sizeof(Mark))
        return b"".join((mark, self.rest, octets))

    cdef int _failed(self, object error) except -1:
        self.failure = error
        self.stage = FAILED
        self.zone.note_refusal(TRUNCATED, self.key)
        log.info(f"the cache {self.zone.name}: an answer ended too early and is not stored")
        self._show_no_more(False)
        self.content.forget_file()
        self._leave_fills()
        self._release()
        return 0

    cdef void _show_no_more(self, bint whole) noexcept:
        if self.showing is not None:
            self.showing.end(whole)
            self.showing = None

    cdef int give_up(self, int reason) except -1:
        if self.stage == ASKED:
            self.stage = UNSTORED
            self.reason = reason
        self._leave_fills()
        self._release()
        self._tell()
        return 0

    def _leave_fills(self):
        if self.known and self.zone.fills.get(self.key) is self:
            del self.zone.fills[self.key]

    cdef int _release(self) except -1:
        if self.claimed:
            self.claimed = False
            self.zone.claims.release(self.number)
        return 0

    cdef int _tell(self) except -1:
        cdef list gates = self.gates
        if gates:
            self.gates = []
            for gate in gates:
                (<Gate> gate).open()
        return 0

    cdef bint wait(self, double seconds) except -1:
        cdef Gate gate = Gate.__new__(Gate)
        self.gates.append(gate)
        return gate.wait_for(seconds)

    def __repr__(self):
        return f"<fill of {self.key!r}>"


cdef class ShowingFill(Showing):

    cdef Fill fill

    cdef Head head(self):
        cdef Head made = Head.__new__(Head)
        made.entry = self.fill.head().octets
        made.place = self.fill.place
        made.length = self.fill.declared
        made.start = self.fill.part.start if self.fill.partial else -1
        return made


cdef Storing _storing(Fill fill, bytes octets):
    """What the scribe has to do for a complete fill."""
    cdef Storing made
    if fill.partial:
        made = Joining.__new__(Joining)
        (<Joining> made).head_omitted = fill.head_omitted
    else:
        made = Storing.__new__(Storing)
    made.zone = made.cache = fill.zone
    made.octets = len(octets)
    made.entry = octets
    made.key, made.place, made.note = fill.key, fill.place, fill.note
    made.path = fill.content.path
    made.number, made.purges = fill.number, fill.purges
    made.cause, made.length = fill.cause, fill.content.length
    made.claimed = fill.claimed
    made.urgent = fill.claimed or fill.partial
    fill.claimed = False            # the claim is held until it is in the store
    return made


cdef bint _ends_with(Body body, Py_ssize_t count) noexcept:
    return isinstance(body, Incoming) and (<Incoming> body).ends_with(count)


cdef class FillBody(Body):

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Fill fill = self.fill
        cdef Py_ssize_t count
        while fill is not None:
            count = fill.content.read(self.at, into, room)
            if count:
                self.at += count
                if fill.room is not None:
                    fill.room.open()
                return count
            if fill.stage == FAILED:
                raise fill.failure
            if fill.stage == WHOLE:
                if fill.source is not None:
                    self.trailers = fill.source.trailers
                return 0
            fill.wait(0.0)
        return 0

    cpdef void close(self):
        cdef Fill fill = self.fill
        if fill is not None:
            self.fill = None
            if self in fill.followers:
                fill.followers.remove(self)
            if fill.room is not None:
                fill.room.open()
