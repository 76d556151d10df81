"""What we use of libnghttp2 (its own names, no longer ones of ours)."""

from libc.stdint cimport int32_t, uint8_t, uint32_t

cdef extern from "<nghttp2/nghttp2.h>":
    ctypedef struct nghttp2_session:
        pass
    ctypedef struct nghttp2_session_callbacks:
        pass
    ctypedef struct nghttp2_option:
        pass

    enum:
        NGHTTP2_DATA
        NGHTTP2_HEADERS
        NGHTTP2_PRIORITY
        NGHTTP2_RST_STREAM
        NGHTTP2_SETTINGS
        NGHTTP2_PUSH_PROMISE
        NGHTTP2_PING
        NGHTTP2_GOAWAY
        NGHTTP2_WINDOW_UPDATE
        NGHTTP2_CONTINUATION
        NGHTTP2_PRIORITY_UPDATE

        NGHTTP2_FLAG_NONE
        NGHTTP2_FLAG_END_STREAM
        NGHTTP2_FLAG_ACK

        NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS
        NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE
        NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE
        NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL
        NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES

        NGHTTP2_NO_ERROR
        NGHTTP2_PROTOCOL_ERROR
        NGHTTP2_INTERNAL_ERROR
        NGHTTP2_FLOW_CONTROL_ERROR
        NGHTTP2_REFUSED_STREAM
        NGHTTP2_CANCEL
        NGHTTP2_ENHANCE_YOUR_CALM

        NGHTTP2_ERR_DEFERRED
        NGHTTP2_ERR_CALLBACK_FAILURE
        NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE
        NGHTTP2_ERR_WOULDBLOCK
        NGHTTP2_ERR_PAUSE
        NGHTTP2_ERR_CANCEL
        NGHTTP2_ERR_NOMEM
        NGHTTP2_ERR_BAD_CLIENT_MAGIC
        NGHTTP2_ERR_FLOODED

        NGHTTP2_DATA_FLAG_EOF
        NGHTTP2_DATA_FLAG_NO_END_STREAM
        NGHTTP2_DATA_FLAG_NO_COPY

        NGHTTP2_HCAT_REQUEST

    ctypedef struct nghttp2_frame_hd:
        size_t length
        int32_t stream_id
        uint8_t type
        uint8_t flags
    ctypedef struct nghttp2_headers:
        nghttp2_frame_hd hd
        int cat
    ctypedef struct nghttp2_data:
        nghttp2_frame_hd hd
        size_t padlen
    ctypedef struct nghttp2_rst_stream:
        nghttp2_frame_hd hd
        uint32_t error_code
    ctypedef union nghttp2_frame:
        nghttp2_frame_hd hd
        nghttp2_headers headers
        nghttp2_data data
        nghttp2_rst_stream rst_stream

    ctypedef struct nghttp2_nv:
        uint8_t* name
        uint8_t* value
        size_t namelen
        size_t valuelen
        uint8_t flags
    ctypedef struct nghttp2_settings_entry:
        int32_t settings_id
        uint32_t value
    ctypedef union nghttp2_data_source:
        void* ptr
    ctypedef Py_ssize_t (*nghttp2_data_source_read_callback)(
        nghttp2_session*, int32_t, uint8_t*, size_t, uint32_t*, nghttp2_data_source*,
        void*) noexcept
    ctypedef struct nghttp2_data_provider:
        nghttp2_data_source source
        nghttp2_data_source_read_callback read_callback
    ctypedef struct nghttp2_extpri:
        uint32_t urgency
        int inc

    ctypedef struct nghttp2_mem:
        void* mem_user_data
        void* (*malloc)(size_t, void*) noexcept
        void (*free)(void*, void*) noexcept
        void* (*calloc)(size_t, size_t, void*) noexcept
        void* (*realloc)(void*, size_t, void*) noexcept

    ctypedef int (*frame_callback)(nghttp2_session*, const nghttp2_frame*, void*) noexcept
    ctypedef int (*frame_head_callback)(nghttp2_session*, const nghttp2_frame_hd*, void*) noexcept
    ctypedef int (*header_callback)(
        nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t, const uint8_t*, size_t,
        uint8_t, void*) noexcept
    ctypedef int (*data_callback)(
        nghttp2_session*, uint8_t, int32_t, const uint8_t*, size_t, void*) noexcept
    ctypedef int (*close_callback)(nghttp2_session*, int32_t, uint32_t, void*) noexcept
    ctypedef int (*send_data_callback)(
        nghttp2_session*, nghttp2_frame*, const uint8_t*, size_t, nghttp2_data_source*,
        void*) noexcept
    ctypedef Py_ssize_t (*read_length_callback)(
        nghttp2_session*, uint8_t, int32_t, int32_t, int32_t, uint32_t, void*) noexcept
    ctypedef int (*unknown_callback)(
        nghttp2_session*, void**, const nghttp2_frame_hd*, void*) noexcept
    ctypedef int (*trouble_callback)(nghttp2_session*, int, const char*, size_t, void*) noexcept

    int nghttp2_session_callbacks_new(nghttp2_session_callbacks**)
    void nghttp2_session_callbacks_set_on_begin_frame_callback(
        nghttp2_session_callbacks*, frame_head_callback)
    void nghttp2_session_callbacks_set_on_frame_recv_callback(
        nghttp2_session_callbacks*, frame_callback)
    void nghttp2_session_callbacks_set_on_begin_headers_callback(
        nghttp2_session_callbacks*, frame_callback)
    void nghttp2_session_callbacks_set_on_header_callback(
        nghttp2_session_callbacks*, header_callback)
    void nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        nghttp2_session_callbacks*, data_callback)
    void nghttp2_session_callbacks_set_on_stream_close_callback(
        nghttp2_session_callbacks*, close_callback)
    void nghttp2_session_callbacks_set_on_frame_send_callback(
        nghttp2_session_callbacks*, frame_callback)
    void nghttp2_session_callbacks_set_send_data_callback(
        nghttp2_session_callbacks*, send_data_callback)
    void nghttp2_session_callbacks_set_data_source_read_length_callback(
        nghttp2_session_callbacks*, read_length_callback)
    void nghttp2_session_callbacks_set_unpack_extension_callback(
        nghttp2_session_callbacks*, unknown_callback)
    void nghttp2_session_callbacks_set_error_callback2(
        nghttp2_session_callbacks*, trouble_callback)

    int nghttp2_option_new(nghttp2_option**)
    void nghttp2_option_set_no_auto_window_update(nghttp2_option*, int)
    void nghttp2_option_set_no_http_messaging(nghttp2_option*, int)
    void nghttp2_option_set_no_closed_streams(nghttp2_option*, int)
    void nghttp2_option_set_server_fallback_rfc7540_priorities(nghttp2_option*, int)
    void nghttp2_option_set_builtin_recv_extension_type(nghttp2_option*, uint8_t)
    void nghttp2_option_set_user_recv_extension_type(nghttp2_option*, uint8_t)
    void nghttp2_option_set_max_send_header_block_length(nghttp2_option*, size_t)

    int nghttp2_session_server_new3(
        nghttp2_session**, const nghttp2_session_callbacks*, void*, const nghttp2_option*,
        nghttp2_mem*)
    void nghttp2_session_del(nghttp2_session*)
    Py_ssize_t nghttp2_session_mem_recv(nghttp2_session*, const uint8_t*, size_t)
    Py_ssize_t nghttp2_session_mem_send(nghttp2_session*, const uint8_t**)
    int nghttp2_session_want_read(nghttp2_session*)
    int nghttp2_session_want_write(nghttp2_session*)
    int nghttp2_session_resume_data(nghttp2_session*, int32_t)
    int nghttp2_session_consume_connection(nghttp2_session*, size_t)
    int nghttp2_session_consume_stream(nghttp2_session*, int32_t, size_t)
    int nghttp2_session_set_local_window_size(nghttp2_session*, uint8_t, int32_t, int32_t)
    int nghttp2_session_terminate_session(nghttp2_session*, uint32_t)
    int nghttp2_session_change_extpri_stream_priority(
        nghttp2_session*, int32_t, const nghttp2_extpri*, int)
    int nghttp2_submit_settings(
        nghttp2_session*, uint8_t, const nghttp2_settings_entry*, size_t)
    int nghttp2_submit_response(
        nghttp2_session*, int32_t, const nghttp2_nv*, size_t, const nghttp2_data_provider*)
    int nghttp2_submit_headers(
        nghttp2_session*, uint8_t, int32_t, const void*, const nghttp2_nv*, size_t, void*)
    int nghttp2_submit_trailer(nghttp2_session*, int32_t, const nghttp2_nv*, size_t)
    int nghttp2_submit_rst_stream(nghttp2_session*, uint8_t, int32_t, uint32_t)
    int nghttp2_submit_goaway(
        nghttp2_session*, uint8_t, int32_t, uint32_t, const uint8_t*, size_t)
    int nghttp2_submit_shutdown_notice(nghttp2_session*)
    const char* nghttp2_strerror(int)
