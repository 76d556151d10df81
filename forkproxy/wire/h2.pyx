"""HTTP/2 (RFC 9113) over libnghttp2, without a socket and without a clock.

What it hears is in `h2_receiving`, what it says in `h2_sending`; here are its beginning and its
end. A stream of which something has changed is in `news`, once: its head is complete, content came,
it ended, it was closed, or what it lent has gone.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE

from forkproxy.wire.h2_flood cimport Flood
from forkproxy.wire.h2_memory cimport memory_for, rest
from forkproxy.wire.h2_receiving cimport call_when_receiving
from forkproxy.wire.h2_sending cimport NO_ERROR, call_when_sending
from forkproxy.wire.h2_stream cimport H2Stream
from forkproxy.wire.head_limits cimport HeadLimits
from forkproxy.wire.nghttp2 cimport *
from forkproxy.wire.writer cimport Writer

# Octets of content of all streams that nobody has read yet. Each stream has its own window; this
# one is for the memory of all, and so large that a few that nobody reads do not hold the others.
DEF UNREAD = 16 << 20

cdef nghttp2_session_callbacks* callbacks = NULL
cdef nghttp2_option* options = NULL


cdef int _prepare() except -1:
    """What all sessions have in common, made once."""
    global callbacks, options
    cdef int type
    if nghttp2_session_callbacks_new(&callbacks) or nghttp2_option_new(&options):
        raise MemoryError()
    call_when_receiving(callbacks)
    call_when_sending(callbacks)
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_http_messaging(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_server_fallback_rfc7540_priorities(options, 1)
    nghttp2_option_set_builtin_recv_extension_type(options, NGHTTP2_PRIORITY_UPDATE)
    for type in range(NGHTTP2_CONTINUATION + 1, 256):
        if type != NGHTTP2_PRIORITY_UPDATE:
            # That we know them means here: we hear of them, and count.
            nghttp2_option_set_user_recv_extension_type(options, type)
    # Ours are limited where they come from; libnghttp2's own limit would reset the stream.
    nghttp2_option_set_max_send_header_block_length(options, 1 << 24)
    return 0


_prepare()


cdef class Session(Receiving):

    def __init__(self, HeadLimits limits not None, int streams=128, Py_ssize_t window=65536):
        """Serve one client, which may have so many `streams` at a time.

        `window`: octets of a body that come before it is asked for.
        """
        cdef nghttp2_mem mem = memory_for(&self.memory)
        self.streams = {}
        self.refused = {}
        self.news = []
        self.begun = b""
        self.out = Writer()
        self.limits = limits
        self.most_streams = streams
        self.window = window
        self.flood = Flood(streams)
        self.memory.making = True
        if nghttp2_session_server_new3(&self.session, callbacks, <void*> self, options, &mem):
            raise MemoryError()
        self.memory.making = False
        self._say_settings()

    def __dealloc__(self):
        nghttp2_session_del(self.session)

    def _say_settings(self):
        cdef nghttp2_settings_entry settings[4]
        settings[0] = nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                             self.most_streams)
        settings[1] = nghttp2_settings_entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, self.window)
        settings[2] = nghttp2_settings_entry(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1)
        settings[3] = nghttp2_settings_entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1)
        self._must(nghttp2_submit_settings(self.session, 0, settings, 4))
        self._must(nghttp2_session_set_local_window_size(self.session, 0, 0, UNREAD))

    def _must(self, int code):
        if code:
            raise MemoryError(nghttp2_strerror(code).decode())

    cdef void sleep(self) noexcept:
        self.save()
        rest(&self.memory)

    cdef bint over(self) noexcept:
        return (not nghttp2_session_want_read(self.session)
                and not nghttp2_session_want_write(self.session))

    cdef int warn(self) except -1:
        nghttp2_submit_shutdown_notice(self.session)
        return 0

    cdef int go_away(self) except -1:
        if not self.going:
            self.going = True
            nghttp2_submit_goaway(self.session, 0, self.last_id, NO_ERROR, NULL, 0)
        return 0

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

    def hold(self, H2Stream stream not None, list fields not None, bytes content not None):
        """Answer with content that goes with what is sent; the caller keeps it until then."""
        for name, value in fields:
            self.put(name, len(name), value, len(value))
        self.answer(stream, True)
        self.lend(stream, PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content), True)

    def hint(self, H2Stream stream not None, list fields not None):
        """Say these fields ahead of the answer: they are one of status 1xx."""
        for name, value in fields:
            self.put(name, len(name), value, len(value))
        self.inform(stream)

    def finish(self, H2Stream stream not None, list fields not None):
        """End an answer, whose content has gone, by these trailers."""
        for name, value in fields:
            self.put(name, len(name), value, len(value))
        self.trail(stream)

    def forgive(self):
        """A second has passed: of the frames that brought nothing, one is forgiven."""
        self.flood.forgive()

    def doze(self):
        """Nothing will be under way soon: give memory back."""
        self.sleep()

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
