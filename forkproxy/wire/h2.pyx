"""HTTP/2 (RFC 9113) over libnghttp2, without a socket and without a clock.

libnghttp2 knows frames, HPACK, flow control and priorities. What a message is (RFC 9113 §8) it is
told not to judge: `h2_head` does, so that a bad one is answered with 400 as in HTTP/1. Windows are
opened as content is read, not as it comes. Content is not copied until a frame is made of it.

A stream of which something has changed is in `news`, once: its head is complete, content came, it
ended, it was closed, or what it lent has gone.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport INT32_MAX, int32_t, uint8_t, uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove

from forkproxy.wire.h2_flood cimport Flood
from forkproxy.wire.h2_head cimport FieldBlock
from forkproxy.wire.head cimport HeadLimits
from forkproxy.wire.nghttp2 cimport *
from forkproxy.wire.writer cimport Writer

from forkproxy.errors import ProtocolError

DEF MOST_CONTINUATIONS = 32     # frames of one head
DEF MOST_REFUSED = 128          # numbers of refused streams that are kept
DEF DEFAULT_WINDOW = 65535      # of a stream, until the client has our settings
DEF CHUNK = 8192                # octets of a DATA frame, where nobody says
DEF SPARE = 16                  # field blocks kept for the next head

DEF MAGIC = 24                  # octets of the preface

cdef bytes PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
cdef bytes NO_SETTINGS = b"\0\0\0\4\0\0\0\0\0"

cdef list spare_blocks = []


cdef nghttp2_session_callbacks* callbacks = NULL
cdef nghttp2_option* options = NULL


cdef inline Session session_of(void* pointer):
    return <Session> pointer


# What libnghttp2 calls. What goes wrong in a method of ours ends the connection.

cdef int on_frame_head(nghttp2_session* _s, const nghttp2_frame_hd* head, void* of) noexcept:
    try:
        return session_of(of)._frame(head.type, head.flags, head.stream_id, head.length)
    except Exception as error:
        return _broken(session_of(of), error)


cdef int on_begin_headers(nghttp2_session* _s, const nghttp2_frame* frame, void* of) noexcept:
    try:
        return session_of(of)._opened(frame.hd.stream_id,
                                      frame.hd.flags & NGHTTP2_FLAG_END_STREAM)
    except Exception as error:
        return _broken(session_of(of), error)


cdef int on_header(nghttp2_session* _s, const nghttp2_frame* frame, const uint8_t* name,
                   size_t name_length, const uint8_t* value, size_t value_length, uint8_t _flags,
                   void* of) noexcept:
    cdef Session self = session_of(of)
    cdef H2Stream stream
    try:
        stream = self.streams.get(frame.hd.stream_id)
        if stream is None or stream.block is None:
            return 0
        if stream.block.add(<const char*> name, name_length, <const char*> value, value_length):
            return 0
        return self.fail(ENHANCE_YOUR_CALM, "client sent too large header")
    except Exception as error:
        return _broken(self, error)


cdef int on_frame(nghttp2_session* _s, const nghttp2_frame* frame, void* of) noexcept:
    cdef Session self = session_of(of)
    cdef H2Stream stream
    try:
        if frame.hd.type == NGHTTP2_SETTINGS:
            if frame.hd.flags & NGHTTP2_FLAG_ACK:
                self.agreed = True
            return 0
        if frame.hd.stream_id == 0:
            return 0
        stream = self.streams.get(frame.hd.stream_id)
        if stream is None:
            return 0
        if frame.hd.type == NGHTTP2_HEADERS:
            return self._headed(stream, frame.hd.flags & NGHTTP2_FLAG_END_STREAM)
        if frame.hd.type == NGHTTP2_DATA and frame.hd.flags & NGHTTP2_FLAG_END_STREAM:
            return self._ended(stream)
        if frame.hd.type == NGHTTP2_RST_STREAM and not stream.done and self.flood.taken_back():
            return self.fail(ENHANCE_YOUR_CALM, "client resets too many streams")
        return 0
    except Exception as error:
        return _broken(self, error)


cdef int on_data(nghttp2_session* _s, uint8_t _flags, int32_t id, const uint8_t* octets,
                 size_t length, void* of) noexcept:
    try:
        return session_of(of)._came(id, <const char*> octets, length)
    except Exception as error:
        return _broken(session_of(of), error)


cdef int on_close(nghttp2_session* _s, int32_t id, uint32_t code, void* of) noexcept:
    try:
        return session_of(of)._closed(id, code)
    except Exception as error:
        return _broken(session_of(of), error)


cdef int on_sent(nghttp2_session* _s, const nghttp2_frame* frame, void* of) noexcept:
    cdef H2Stream stream
    if frame.hd.type == NGHTTP2_HEADERS or frame.hd.type == NGHTTP2_DATA:
        stream = session_of(of).streams.get(frame.hd.stream_id)
        if stream is not None:
            if frame.hd.type == NGHTTP2_HEADERS:
                stream.sent += frame.hd.length + 9
            if frame.hd.flags & NGHTTP2_FLAG_END_STREAM:
                stream.done = True
                if stream.owner is not None:
                    session_of(of)._heed(stream)
    return 0


cdef Py_ssize_t read_lent(nghttp2_session* _s, int32_t _id, uint8_t* _into, size_t room,
                          uint32_t* flags, nghttp2_data_source* source, void* _of) noexcept:
    """How much of what is lent goes into the next frame."""
    cdef H2Stream stream = <H2Stream> source.ptr
    if stream.lent_length == 0 and not stream.last:
        return NGHTTP2_ERR_DEFERRED
    if stream.last and stream.lent_length <= <Py_ssize_t> room:
        flags[0] |= NGHTTP2_DATA_FLAG_EOF
    if stream.lent_length == 0:
        return 0
    flags[0] |= NGHTTP2_DATA_FLAG_NO_COPY
    return min(stream.lent_length, <Py_ssize_t> room)


cdef int send_lent(nghttp2_session* _s, nghttp2_frame* frame, const uint8_t* head, size_t length,
                   nghttp2_data_source* source, void* of) noexcept:
    cdef Session self = session_of(of)
    cdef H2Stream stream = <H2Stream> source.ptr
    cdef Py_ssize_t count = length
    if self.out.used >= self.most:
        return NGHTTP2_ERR_WOULDBLOCK
    if stream.lent_length < count:
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE    # it was reclaimed meanwhile
    try:
        self.out.put(<const char*> head, 9)
        self.out.put(stream.lent, count)
        stream.lent += count
        stream.lent_length -= count
        stream.sent += 9 + count
        self.flood.work(2)
        if stream.lent_length == 0:
            self.note(stream)
    except Exception as error:
        return _broken(self, error)
    return 0


cdef Py_ssize_t frame_length(nghttp2_session* _s, uint8_t _type, int32_t id, int32_t window,
                             int32_t stream_window, uint32_t most, void* of) noexcept:
    cdef H2Stream stream = session_of(of).streams.get(id)
    cdef Py_ssize_t length = min(window, stream_window)
    if stream is not None and stream.chunk < length:
        length = stream.chunk
    return min(length, <Py_ssize_t> most)


cdef int on_trouble(nghttp2_session* _s, int _code, const char* text, size_t length,
                    void* of) noexcept:
    cdef Session self = session_of(of)
    try:
        if self.trouble is None:
            self.trouble = text[:length].decode("latin-1")
    except Exception:
        pass
    return 0


cdef int _broken(Session self, object error) noexcept:
    self.failed = True
    self.trouble = repr(error)
    nghttp2_session_terminate_session(self.session, INTERNAL_ERROR)
    return NGHTTP2_ERR_CALLBACK_FAILURE


cdef int _prepare() except -1:
    """What all sessions have in common, made once."""
    global callbacks, options
    if nghttp2_session_callbacks_new(&callbacks) or nghttp2_option_new(&options):
        raise MemoryError()
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_frame_head)
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close)
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent)
    nghttp2_session_callbacks_set_send_data_callback(callbacks, send_lent)
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, frame_length)
    nghttp2_session_callbacks_set_error_callback2(callbacks, on_trouble)
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_http_messaging(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_server_fallback_rfc7540_priorities(options, 1)
    nghttp2_option_set_builtin_recv_extension_type(options, NGHTTP2_PRIORITY_UPDATE)
    # Ours are limited where they come from; libnghttp2's own limit would reset the stream.
    nghttp2_option_set_max_send_header_block_length(options, 1 << 24)
    return 0


_prepare()


cdef class H2Stream:

    cdef Py_ssize_t there(self) noexcept:
        return 0 if self.came is None else self.came.used - self.gone

    cdef const char* octets(self) noexcept:
        return self.came.data + self.gone

    def __repr__(self):
        return f"<stream {self.id}>"


cdef class Session:

    def __init__(self, HeadLimits limits not None, int streams=128, Py_ssize_t window=65536):
        """Serve one client, which may have so many `streams` at a time.

        `window`: octets of a body that come before it is asked for.
        """
        cdef nghttp2_settings_entry settings[4]
        self.streams = {}
        self.refused = {}
        self.news = []
        self.begun = b""
        self.out = Writer()
        self.limits = limits
        self.most_streams = streams
        self.window = window
        self.flood = Flood(streams)
        if nghttp2_session_server_new2(&self.session, callbacks, <void*> self, options):
            raise MemoryError()
        settings[0] = nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams)
        settings[1] = nghttp2_settings_entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window)
        settings[2] = nghttp2_settings_entry(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1)
        settings[3] = nghttp2_settings_entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1)
        self._must(nghttp2_submit_settings(self.session, 0, settings, 4))
        # Each stream has its own window; that of the connection would let one hold the others.
        self._must(nghttp2_session_set_local_window_size(self.session, 0, 0, INT32_MAX))

    def __dealloc__(self):
        nghttp2_session_del(self.session)
        free(self.fields)

    def _must(self, int code):
        if code:
            raise MemoryError(nghttp2_strerror(code).decode())

    # Octets in and out.

    cdef int feed(self, const char* octets, Py_ssize_t length) except -1:
        if self.failed:
            return 0
        if self.begun is not None:
            return self._begin(octets, length)
        return self._take(octets, length)

    cdef int _begin(self, const char* octets, Py_ssize_t length) except -1:
        """The preface (RFC 9113 §3.4), and the head of the frame behind it.

        "This sequence MUST be followed by a SETTINGS frame". Where it is another, as of a client
        that changes no setting and sees no need, we take it as nginx does: libnghttp2 is given an
        empty one, and its acknowledgement goes nowhere.
        """
        cdef bytes begun = self.begun + octets[:length]
        cdef Py_ssize_t size = PyBytes_GET_SIZE(begun)
        cdef const char* head = PyBytes_AS_STRING(begun) + MAGIC
        if size < MAGIC + 9 and PREFACE.startswith(begun[:MAGIC]):
            self.begun = begun
            return 0
        self.begun = None
        if begun.startswith(PREFACE) and (head[3] != NGHTTP2_SETTINGS
                                          or head[4] & NGHTTP2_FLAG_ACK):
            self.unasked = True
            begun = PREFACE + NO_SETTINGS + begun[MAGIC:]
        return self._take(PyBytes_AS_STRING(begun), PyBytes_GET_SIZE(begun))

    cdef int _take(self, const char* octets, Py_ssize_t length) except -1:
        cdef Py_ssize_t count
        count = nghttp2_session_mem_recv(self.session, <const uint8_t*> octets, length)
        if count < 0 and not self.failed:
            if count == NGHTTP2_ERR_NOMEM:
                raise MemoryError()
            self.failed = True
            nghttp2_session_terminate_session(
                self.session, PROTOCOL_ERROR if count == NGHTTP2_ERR_BAD_CLIENT_MAGIC
                else ENHANCE_YOUR_CALM)
            if self.trouble is None:
                self.trouble = nghttp2_strerror(<int> count).decode()
        return 0

    cdef int fill(self, Py_ssize_t most) except -1:
        cdef const uint8_t* octets
        cdef Py_ssize_t count
        self.most = most
        while self.out.used < most:
            count = nghttp2_session_mem_send(self.session, &octets)
            if count <= 0:
                if count == NGHTTP2_ERR_NOMEM:
                    raise MemoryError()
                break
            if self.unasked and octets[3] == NGHTTP2_SETTINGS and octets[4] & NGHTTP2_FLAG_ACK:
                self.unasked = False
                continue
            self.out.put(<const char*> octets, count)
        if not self.going and not nghttp2_session_want_read(self.session):
            self.failed = True      # libnghttp2 has said why, or the client wants nothing more
        return 0

    cdef void went(self, Py_ssize_t count) noexcept:
        self.out.used -= count
        if self.out.used:
            memmove(self.out.data, self.out.data + count, self.out.used)

    cdef void save(self) noexcept:
        if self.out.used == 0:
            self.out.shrink()
        if self.count == 0:
            free(self.fields)
            self.fields = NULL
            self.room = 0

    cdef bint over(self) noexcept:
        return (not nghttp2_session_want_read(self.session)
                and not nghttp2_session_want_write(self.session))

    # What comes.

    cdef int note(self, H2Stream stream) except -1:
        if not stream.noted:
            stream.noted = True
            self.news.append(stream)
        return 0

    cdef void _heed(self, H2Stream stream) noexcept:
        try:
            self.note(stream)
        except MemoryError:
            self.failed = True

    cdef int _frame(self, int type, int flags, int id, Py_ssize_t length) except -1:
        """The head of a frame has come: what libnghttp2 lets pass and we do not."""
        cdef bint idle = False
        if type == NGHTTP2_HEADERS:
            if id not in self.streams and id <= self.last_id and id & 1:
                if id not in self.refused:
                    return self.fail(PROTOCOL_ERROR, "client sent HEADERS of an earlier stream")
            self.continuations = 0
            self.heading_octets = length
        elif type == NGHTTP2_CONTINUATION:
            self.continuations += 1
            self.heading_octets += length
            if (self.continuations > MOST_CONTINUATIONS
                    or self.heading_octets > 4 * self.limits.listed + 16384):
                return self.fail(ENHANCE_YOUR_CALM, "client sent too many CONTINUATION frames")
        elif type == NGHTTP2_PUSH_PROMISE:
            return self.fail(PROTOCOL_ERROR, "client sent PUSH_PROMISE frame")
        elif type == NGHTTP2_DATA:
            idle = length == 0 and not flags & NGHTTP2_FLAG_END_STREAM
        else:
            idle = not flags & NGHTTP2_FLAG_ACK or type == NGHTTP2_PING
        if idle and self.flood.idle():
            return self.fail(ENHANCE_YOUR_CALM, "http2 flood detected")
        return 0

    cdef int _opened(self, int id, bint ends) except -1:
        """A field block begins: of a new stream, or the trailers of one."""
        cdef H2Stream stream = self.streams.get(id)
        if stream is None:
            if id <= self.last_id:
                return 0
            self.last_id = id
            if self.going:
                return 0
            if (self.running >= 2 * self.most_streams
                    or not self.agreed and not ends and self.window < DEFAULT_WINDOW):
                return self._refuse(id)
            stream = H2Stream.__new__(H2Stream)
            stream.id = id
            stream.chunk = CHUNK
            self.streams[id] = stream
        stream.block = <FieldBlock> spare_blocks.pop() if spare_blocks else FieldBlock()
        stream.block.begin(self.limits)
        self.heading = id
        return 0

    cdef int _refuse(self, int id) except -1:
        if self.flood.refused():
            return self.fail(ENHANCE_YOUR_CALM, "client opens too many streams")
        if len(self.refused) >= MOST_REFUSED:
            del self.refused[next(iter(self.refused))]
        self.refused[id] = None
        nghttp2_submit_rst_stream(self.session, 0, id, REFUSED_STREAM)
        return 0

    cdef int _headed(self, H2Stream stream, bint ends) except -1:
        """A field block is complete."""
        cdef FieldBlock block = stream.block
        self.heading = 0
        if block is None:
            return 0
        stream.block = None
        try:
            if stream.head is not None:
                stream.trailers = block.trailers()
                stream.malformed = stream.malformed or not ends
            else:
                stream.head = block.request(self.heading_octets)
                stream.tunnel = block.tunnel
                if ends and stream.head.content_length > 0:
                    raise ProtocolError("client sent less than its Content-Length")
                self._prioritise(stream, block)
        except ProtocolError as error:
            if stream.head is not None and stream.owner is not None:
                stream.malformed = True
            else:
                stream.head = None
                stream.status = error.status
                stream.wrong = error.reason
        if len(spare_blocks) < SPARE:
            spare_blocks.append(block)
        if not stream.announced:
            stream.announced = stream.fresh = True
            self.running += 1
            self.flood.work(8)
        if ends:
            stream.bare = not stream.ended and stream.trailers is None and stream.received == 0
            stream.ended = True
        return self.note(stream)

    def _prioritise(self, H2Stream stream, FieldBlock block):
        """Take RFC 9218's word for it, where the client has said that it follows that."""
        cdef nghttp2_extpri priority
        if block.urgency >= 0:
            priority.urgency = block.urgency
            priority.inc = block.incremental
            nghttp2_session_change_extpri_stream_priority(self.session, stream.id, &priority, 0)

    cdef int _came(self, int id, const char* octets, Py_ssize_t length) except -1:
        cdef H2Stream stream = self.streams.get(id)
        nghttp2_session_consume_connection(self.session, length)
        if stream is None:
            return 0
        stream.received += length
        self.flood.work(1)
        if stream.head is None or 0 <= stream.head.content_length < stream.received:
            stream.malformed = True
            return self.note(stream)
        if stream.came is None:
            stream.came = Writer()
            stream.gone = 0
        elif stream.gone and stream.came.used + length > stream.came.size:
            stream.came.used -= stream.gone
            memmove(stream.came.data, stream.came.data + stream.gone, stream.came.used)
            stream.gone = 0
        stream.came.put(octets, length)
        return self.note(stream)

    cdef int _ended(self, H2Stream stream) except -1:
        stream.ended = True
        if stream.head is not None and stream.head.content_length > stream.received:
            stream.malformed = True
        return self.note(stream)

    cdef int _closed(self, int id, uint32_t code) except -1:
        cdef H2Stream stream = self.streams.pop(id, None)
        if self.heading == id:
            self.heading = 0
        if stream is None:
            return 0
        stream.closed = True
        stream.code = code
        if stream.done:
            self.flood.answered()
        if not stream.ended:
            if len(self.refused) >= MOST_REFUSED:
                del self.refused[next(iter(self.refused))]
            self.refused[id] = None     # the client may not know yet
        return self.note(stream)

    cdef int take(self, H2Stream stream, Py_ssize_t count) except -1:
        stream.gone += count
        if stream.gone == stream.came.used:
            if stream.came.size > 65536 or stream.ended:
                stream.came = None
            else:
                stream.came.clear()
            stream.gone = 0
        if not stream.ended and not stream.closed:
            nghttp2_session_consume_stream(self.session, stream.id, count)
        return 0

    cdef int widen(self, H2Stream stream, int32_t window) except -1:
        if not stream.ended and not stream.closed:
            nghttp2_session_set_local_window_size(self.session, 0, stream.id, window)
        return 0

    # What goes.

    cdef int put(self, const char* name, Py_ssize_t name_length, const char* value,
                 Py_ssize_t value_length) except -1:
        cdef nghttp2_nv* larger
        if self.count == self.room:
            larger = <nghttp2_nv*> realloc(
                self.fields, max(32, 2 * self.room) * sizeof(nghttp2_nv))
            if larger == NULL:
                raise MemoryError()
            self.fields = larger
            self.room = max(32, 2 * self.room)
        self.fields[self.count].name = <uint8_t*> name
        self.fields[self.count].namelen = name_length
        self.fields[self.count].value = <uint8_t*> value
        self.fields[self.count].valuelen = value_length
        self.fields[self.count].flags = 0
        self.count += 1
        return 0

    cdef int inform(self, H2Stream stream) except -1:
        if not stream.closed:
            nghttp2_submit_headers(self.session, 0, stream.id, NULL, self.fields, self.count, NULL)
        self.count = 0
        return 0

    cdef int answer(self, H2Stream stream, bint content) except -1:
        cdef nghttp2_data_provider provider
        provider.source.ptr = <void*> stream
        provider.read_callback = read_lent
        if not stream.closed:
            nghttp2_submit_response(self.session, stream.id, self.fields, self.count,
                                    &provider if content else NULL)
        self.count = 0
        return 0

    cdef int lend(self, H2Stream stream, const char* octets, Py_ssize_t length,
                  bint last) except -1:
        stream.lent = octets
        stream.lent_length = length
        stream.last = last
        if not stream.closed:
            nghttp2_session_resume_data(self.session, stream.id)
        return 0

    cdef int trail(self, H2Stream stream) except -1:
        if not stream.closed:
            nghttp2_submit_trailer(self.session, stream.id, self.fields, self.count)
        self.count = 0
        return 0

    cdef void reclaim(self, H2Stream stream) noexcept:
        if stream.lent_length:
            stream.last = False         # half an answer must not end as if it were whole
        stream.lent = NULL
        stream.lent_length = 0

    cdef int reset(self, H2Stream stream, uint32_t code) except -1:
        self.reclaim(stream)
        if not stream.closed:
            nghttp2_submit_rst_stream(self.session, 0, stream.id, code)
        return 0

    cdef int release(self, H2Stream stream) except -1:
        self.running -= 1
        stream.owner = None
        stream.came = None
        return 0

    # The end.

    cdef int warn(self) except -1:
        nghttp2_submit_shutdown_notice(self.session)
        return 0

    cdef int go_away(self) except -1:
        if not self.going:
            self.going = True
            nghttp2_submit_goaway(self.session, 0, self.last_id, NO_ERROR, NULL, 0)
        return 0

    cdef int fail(self, uint32_t code, str reason) except -1:
        """End the connection by an error of that code; return what stops libnghttp2."""
        self.failed = True
        self.trouble = reason
        nghttp2_session_terminate_session(self.session, code)
        return NGHTTP2_ERR_CALLBACK_FAILURE

    # For callers that are not compiled: the same, by octets and numbers.

    def receive(self, bytes octets not None):
        """Take what came; return the streams of which something has changed."""
        self.feed(PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))
        found, self.news = self.news, []
        for stream in found:
            (<H2Stream> stream).noted = False
        return found

    def to_send(self, Py_ssize_t most=1 << 20):
        """Return what is to be sent now."""
        self.fill(most)
        return self.out.taken()

    def respond(self, H2Stream stream not None, list fields not None, bytes content=None,
                bint last=True):
        """Answer with these fields; `content` goes as far as the windows let it, and is returned.

        Returns the octets that did not go. None as content: there is none.
        """
        for name, value in fields:
            self.put(name, len(name), value, len(value))
        self.answer(stream, content is not None)
        return b"" if content is None else self.go_on(stream, content, last)

    def go_on(self, H2Stream stream not None, bytes content not None, bint last=True):
        """Send more content; return the octets that did not go."""
        self.lend(stream, PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content), last)
        self.fill(1 << 24)
        left = stream.lent_length
        self.reclaim(stream)
        return content[len(content) - left:]

    def read(self, H2Stream stream not None):
        """Return the content that has come, as used."""
        if stream.there() == 0:
            return b""
        octets = PyBytes_FromStringAndSize(stream.octets(), stream.there())
        self.take(stream, len(octets))
        return octets

    def close(self, H2Stream stream not None, uint32_t code=NO_ERROR):
        """Nobody serves the stream any more; reset it where it is still open."""
        self.reset(stream, code)
        self.release(stream)
