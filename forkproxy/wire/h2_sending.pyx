"""What an HTTP/2 session says: frames of its streams, made by libnghttp2 into one buffer.

Content is lent: it stays where it is until a frame is made of it. How much goes is for the windows
to say, and in which order for the priorities.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove

from forkproxy.wire.h2_stream cimport H2Stream
from forkproxy.wire.nghttp2 cimport *


cdef inline Sending session_of(void* pointer):
    return <Sending> pointer


cdef void call_when_sending(nghttp2_session_callbacks* callbacks) noexcept:
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent)
    nghttp2_session_callbacks_set_send_data_callback(callbacks, send_lent)
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, frame_length)


cdef int broken(Sending self, object error) noexcept:
    self.failed = True
    self.trouble = repr(error)
    nghttp2_session_terminate_session(self.session, INTERNAL_ERROR)
    return NGHTTP2_ERR_CALLBACK_FAILURE


# What libnghttp2 calls.

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


cdef int send_lent(nghttp2_session* _s, nghttp2_frame* _frame, const uint8_t* head, size_t length,
                   nghttp2_data_source* source, void* of) noexcept:
    """Make the frame, always: its head cannot be kept for later (see `h2_memory`)."""
    cdef Sending self = session_of(of)
    cdef H2Stream stream = <H2Stream> source.ptr
    cdef Py_ssize_t count = length
    if stream.lent_length < count:
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE
    try:
        self.out.put(<const char*> head, 9)
        self.out.put(stream.lent, count)
        stream.lent += count
        stream.lent_length -= count
        stream.sent += 9 + count
        self.flood.work(2)
        self.flood.worth += count
        if stream.lent_length == 0:
            self.note(stream)
    except Exception as error:
        return broken(self, error)
    return NGHTTP2_ERR_PAUSE if self.out.used >= self.most else 0


cdef Py_ssize_t frame_length(nghttp2_session* _s, uint8_t _type, int32_t id, int32_t window,
                             int32_t stream_window, uint32_t most, void* of) noexcept:
    cdef H2Stream stream = session_of(of).streams.get(id)
    cdef Py_ssize_t length = min(window, stream_window)
    if stream is not None and stream.chunk < length:
        length = stream.chunk
    return min(length, <Py_ssize_t> most)


cdef class Sending:

    def __dealloc__(self):
        free(self.fields)

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

    # Heads.

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

    cdef int trail(self, H2Stream stream) except -1:
        if not stream.closed:
            nghttp2_submit_trailer(self.session, stream.id, self.fields, self.count)
        self.count = 0
        return 0

    # Content.

    cdef int lend(self, H2Stream stream, const char* octets, Py_ssize_t length,
                  bint last) except -1:
        stream.lent = octets
        stream.lent_length = length
        stream.last = last
        if not stream.closed:
            nghttp2_session_resume_data(self.session, stream.id)
        return 0

    cdef void reclaim(self, H2Stream stream) noexcept:
        if stream.lent_length:
            stream.last = False         # half an answer must not end as if it were whole
        stream.lent = NULL
        stream.lent_length = 0

    # The end.

    cdef int reset(self, H2Stream stream, uint32_t code) except -1:
        self.reclaim(stream)
        stream.given_up = True
        if not stream.closed:
            nghttp2_submit_rst_stream(self.session, 0, stream.id, code)
        return 0

    cdef int fail(self, uint32_t code, str reason) except -1:
        """End the connection by an error of that code; return what stops libnghttp2."""
        self.failed = True
        self.trouble = reason
        nghttp2_session_terminate_session(self.session, code)
        return NGHTTP2_ERR_CALLBACK_FAILURE

    # News.

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
