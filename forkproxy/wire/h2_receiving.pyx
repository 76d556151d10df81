"""What an HTTP/2 session hears: octets to streams, and what is against the rules to its end.

libnghttp2 knows frames, HPACK, flow control and priorities. What a message is (RFC 9113 §8) it is
told not to judge: `h2_head` does, so that a bad one is answered with 400 as in HTTP/1. Windows are
opened as content is read, not as it comes.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int32_t, uint8_t, uint32_t

from forkproxy.wire.h2_head cimport FieldBlock
from forkproxy.wire.h2_sending cimport (
    ENHANCE_YOUR_CALM, PROTOCOL_ERROR, REFUSED_STREAM, broken,
)
from forkproxy.wire.h2_stream cimport H2Stream
from forkproxy.wire.nghttp2 cimport *

from forkproxy.errors import ProtocolError

DEF MOST_CONTINUATIONS = 32     # frames of one head
DEF MOST_REFUSED = 128          # numbers of refused streams that are kept
DEF DEFAULT_WINDOW = 65535      # of a stream, until the client has our settings
DEF SPARE = 16                  # field blocks kept for the next head

DEF MAGIC = 24                  # octets of the preface

cdef bytes PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
cdef bytes NO_SETTINGS = b"\0\0\0\4\0\0\0\0\0"

cdef list spare_blocks = []


cdef inline Receiving session_of(void* pointer):
    return <Receiving> pointer


cdef void call_when_receiving(nghttp2_session_callbacks* callbacks) noexcept:
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_frame_head)
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close)
    nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, on_unknown)
    nghttp2_session_callbacks_set_error_callback2(callbacks, on_trouble)


# What libnghttp2 calls. What goes wrong in a method of ours ends the connection.

cdef int on_frame_head(nghttp2_session* _s, const nghttp2_frame_hd* head, void* of) noexcept:
    try:
        return session_of(of)._frame(head.type, head.flags, head.stream_id, head.length)
    except Exception as error:
        return broken(session_of(of), error)


cdef int on_begin_headers(nghttp2_session* _s, const nghttp2_frame* frame, void* of) noexcept:
    try:
        return session_of(of)._opened(frame.hd.stream_id,
                                      frame.hd.flags & NGHTTP2_FLAG_END_STREAM)
    except Exception as error:
        return broken(session_of(of), error)


cdef int on_header(nghttp2_session* _s, const nghttp2_frame* frame, const uint8_t* name,
                   size_t name_length, const uint8_t* value, size_t value_length, uint8_t _flags,
                   void* of) noexcept:
    cdef Receiving self = session_of(of)
    cdef H2Stream stream
    try:
        stream = self.streams.get(frame.hd.stream_id)
        if stream is None or stream.block is None:
            return 0
        self.flood.worth += name_length + value_length
        if stream.block.add(<const char*> name, name_length, <const char*> value, value_length):
            return 0
        return self.fail(ENHANCE_YOUR_CALM, "client sent too large header")
    except Exception as error:
        return broken(self, error)


cdef int on_frame(nghttp2_session* _s, const nghttp2_frame* frame, void* of) noexcept:
    cdef Receiving self = session_of(of)
    cdef H2Stream stream
    try:
        if frame.hd.type == NGHTTP2_SETTINGS:
            if frame.hd.flags & NGHTTP2_FLAG_ACK:
                self.agreed = True
            return 0
        if frame.hd.type == NGHTTP2_PRIORITY_UPDATE and self.flood.idle():
            return self.fail(ENHANCE_YOUR_CALM, "http2 flood detected")
        if frame.hd.stream_id == 0:
            return 0
        stream = self.streams.get(frame.hd.stream_id)
        if stream is None:
            return 0
        if frame.hd.type == NGHTTP2_HEADERS:
            return self._headed(stream, frame.hd.flags & NGHTTP2_FLAG_END_STREAM)
        if frame.hd.type == NGHTTP2_DATA and frame.hd.flags & NGHTTP2_FLAG_END_STREAM:
            return self._ended(stream)
        return 0
    except Exception as error:
        return broken(self, error)


cdef int on_data(nghttp2_session* _s, uint8_t _flags, int32_t id, const uint8_t* octets,
                 size_t length, void* of) noexcept:
    try:
        return session_of(of)._came(id, <const char*> octets, length)
    except Exception as error:
        return broken(session_of(of), error)


cdef int on_close(nghttp2_session* _s, int32_t id, uint32_t code, void* of) noexcept:
    try:
        return session_of(of)._closed(id, code)
    except Exception as error:
        return broken(session_of(of), error)


cdef int on_unknown(nghttp2_session* _s, void** _payload, const nghttp2_frame_hd* _head,
                    void* _of) noexcept:
    return NGHTTP2_ERR_CANCEL       # it was counted, which is all


cdef int on_trouble(nghttp2_session* _s, int _code, const char* text, size_t length,
                    void* of) noexcept:
    cdef Receiving self = session_of(of)
    try:
        if self.trouble is None:
            self.trouble = text[:length].decode("latin-1")
    except Exception:
        pass
    return 0


cdef class Receiving(Sending):

    # Octets.

    cdef int feed(self, const char* octets, Py_ssize_t length) except -1:
        if self.failed:
            return 0
        if self.flood.came(length):
            self.fail(ENHANCE_YOUR_CALM, "http2 flood detected")
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

    cdef int _frame(self, int type, int flags, int id, Py_ssize_t length) except -1:
        """The head of a frame has come: what libnghttp2 lets pass and we do not."""
        cdef bint idle = False
        if type == NGHTTP2_HEADERS:
            if id not in self.streams and id <= self.last_id and id & 1:
                if id not in self.refused:
                    return self.fail(PROTOCOL_ERROR, "client sent HEADERS of an earlier stream")
            elif id > self.last_id and len(self.streams) >= self.most_streams:
                if self.flood.refused():    # libnghttp2 refuses it
                    return self.fail(ENHANCE_YOUR_CALM, "client opens too many streams")
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
            idle = type != NGHTTP2_SETTINGS or not flags & NGHTTP2_FLAG_ACK
        if idle and self.flood.idle():
            return self.fail(ENHANCE_YOUR_CALM, "http2 flood detected")
        return 0

    # Heads.

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
            self.streams[id] = stream
        stream.block = <FieldBlock> spare_blocks.pop() if spare_blocks else FieldBlock()
        stream.block.begin(self.limits)
        self.heading = id
        return 0

    cdef int _refuse(self, int id) except -1:
        if self.flood.refused():
            return self.fail(ENHANCE_YOUR_CALM, "client opens too many streams")
        self._remember(id)
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
            self._judge(stream, block, ends)
        except ProtocolError as error:
            if stream.owner is not None:
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

    cdef int _judge(self, H2Stream stream, FieldBlock block, bint ends) except -1:
        """Make a head of the block, or trailers. Raises ProtocolError."""
        if stream.announced:
            if not ends or stream.head is None or stream.head.content_length > stream.received:
                stream.malformed = True
            stream.trailers = block.trailers()
            return 0
        stream.head = block.request(self.heading_octets)
        stream.tunnel = block.tunnel
        if ends and stream.head.content_length > 0:
            raise ProtocolError("client sent less than its Content-Length")
        self._prioritise(stream, block)
        return 0

    def _prioritise(self, H2Stream stream, FieldBlock block):
        """Take RFC 9218's word for it, where the client has said that it follows that."""
        cdef nghttp2_extpri priority
        if block.urgency >= 0:
            stream.urgency = block.urgency
            priority.urgency = block.urgency
            priority.inc = block.incremental
            nghttp2_session_change_extpri_stream_priority(self.session, stream.id, &priority, 0)

    # Content.

    cdef int _came(self, int id, const char* octets, Py_ssize_t length) except -1:
        cdef H2Stream stream = self.streams.get(id)
        if stream is None:
            nghttp2_session_consume_connection(self.session, length)
            return 0
        stream.received += length
        self.flood.worth += length
        self.flood.work(1)
        if stream.head is None or 0 <= stream.head.content_length < stream.received:
            nghttp2_session_consume_connection(self.session, length)
            stream.malformed = True
            return self.note(stream)
        stream.keep(octets, length)
        return self.note(stream)

    cdef int take(self, H2Stream stream, Py_ssize_t count) except -1:
        stream.used(count)
        nghttp2_session_consume_connection(self.session, count)
        if not stream.ended and not stream.closed:
            nghttp2_session_consume_stream(self.session, stream.id, count)
        return 0

    cdef int widen(self, H2Stream stream, int32_t window) except -1:
        if not stream.ended and not stream.closed:
            nghttp2_session_set_local_window_size(self.session, 0, stream.id, window)
        return 0

    cdef int release(self, H2Stream stream) except -1:
        self.running -= 1
        stream.owner = None
        nghttp2_session_consume_connection(self.session, stream.there())
        stream.came = None
        return 0

    # The end of a stream.

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
        if not stream.ended:
            self._remember(id)
        self.note(stream)
        if stream.done:
            self.flood.answered()
        elif not stream.given_up and self.flood.taken_back():
            # By the client, or by libnghttp2 for a frame that was wrong (CVE-2025-8671). What was
            # called must not fail: it may be that our RST_STREAM has just been sent.
            self.fail(ENHANCE_YOUR_CALM, "client resets too many streams")
        return 0

    cdef int _remember(self, int id) except -1:
        """That stream is over, and the client may not know yet."""
        if len(self.refused) >= MOST_REFUSED:
            del self.refused[next(iter(self.refused))]
        self.refused[id] = None
        return 0
