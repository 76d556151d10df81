"""The directives that nginx or its well-known modules have and this version does not.

Each is refused with a reason: a directive that is taken and does nothing is worse than
an error, most of all where it guards something. What names a feature in its "off"
state tells the truth and may stay.
"""

from __future__ import annotations

import itertools

from forkproxy.config.row import Row, refused

_LUA = "forkproxy runs no Lua"
_GUARD = "forkproxy cannot guard this way, and would let everybody in"
_STREAM = "it belongs into stream, and forkproxy proxies HTTP only"
_OTHERS = "it comes from a module that nginx itself does not bring"


def _family(prefix: str, protocol: str, names: str) -> list[Row]:
    """Return the rows of an upstream's own directives, written without their prefix."""
    full = " ".join(f"{prefix}_{name}" for name in names.split())
    return refused(full, f"upstreams speak HTTP/1.1, FastCGI, uwsgi or SCGI, not {protocol}")


ROWS: list[Row] = list(
    itertools.chain(
        # whole contexts
        refused("stream mail", "forkproxy proxies HTTP only"),
        refused("google_perftools_profiles", "it is about nginx's own process"),
        refused("ssl_engine", "OpenSSL has dropped engines", off="dynamic"),
        refused("quic_bpf", "there is no HTTP/3"),
        # who may come in
        refused(
            "auth_oidc oidc_provider",
            _GUARD,
            instead="use auth_jwt, or auth_request to a service that speaks OpenID Connect",
        ),
        refused("auth_require", _GUARD, instead="use auth_jwt_require, or if and return 403"),
        refused(
            """modsecurity modsecurity_rules
            modsecurity_rules_file modsecurity_rules_remote modsecurity_transaction_id
            app_protect_enable app_protect_policy_file app_protect_security_log
            app_protect_security_log_enable""",
            "there is no WAF, and everything would come in",
        ),
        refused(
            "auth_pam auth_pam_service_name auth_ldap auth_gss",
            _GUARD,
            instead="use auth_request to a service that asks it",
        ),
        refused("auth_digest auth_digest_user_file", _GUARD, instead="use auth_basic over TLS"),
        refused("internal_redirect", instead="use rewrite … last, try_files or error_page"),
        refused("num_map", instead="use map with regular expressions"),
        refused("limit_zone", "nothing would be limited", instead="use limit_conn_zone"),
        # TLS and the newer protocols
        refused("ssl_alpn ssl_preread", _STREAM),
        refused("ssl_handshake_timeout", _STREAM, instead="a handshake has client_header_timeout"),
        refused(
            "ssl_dyn_rec_enable ssl_dyn_rec_size_hi ssl_dyn_rec_size_lo ssl_dyn_rec_threshold "
            "ssl_dyn_rec_timeout",
            "it comes from a patch of nginx; records are as long as what is there to be sent",
        ),
        refused("ssl_ech_file", "OpenSSL has no Encrypted Client Hello before 4.0"),
        refused(
            "ssl_key_log proxy_ssl_key_log uwsgi_ssl_key_log",
            "secrets of sessions are written nowhere",
        ),
        refused(
            "ssl_ocsp",
            "revoked certificates of clients would be let in",
            instead="use ssl_crl",
            off="off",
        ),
        refused("ssl_ocsp_cache ssl_ocsp_responder", "there is no ssl_ocsp", instead="use ssl_crl"),
        refused(
            "ssl_certificate_compression", "OpenSSL has it from 3.2 on, if built so", off="off"
        ),
        refused("ssl", "nginx has dropped it", instead="write `listen 443 ssl`", off="off"),
        refused(
            "spdy http3 quic_retry quic_gso http3_hq",
            "it speaks HTTP/1.1 and HTTP/2 to clients",
            off="off",
        ),
        refused(
            """spdy_chunk_size spdy_headers_comp
            http3_max_concurrent_streams http3_stream_buffer_size quic_active_connection_id_limit
            quic_host_key""",
            "it speaks HTTP/1.1 and HTTP/2 to clients",
        ),
        refused(
            "proxy_protocol_timeout", _STREAM, instead="a PROXY header has client_header_timeout"
        ),
        # what happens to responses
        refused(
            "more_clear_headers more_clear_input_headers more_set_headers more_set_input_headers",
            instead="use add_header, proxy_hide_header and proxy_set_header",
        ),
        refused("dav_access", "files are not written by WebDAV", off="off"),
        refused("subs_filter substitutions_filter", instead="use sub_filter"),
        refused("subs_filter_types", instead="use sub_filter_types"),
        refused(
            """xslt_stylesheet xslt_types xslt_param xslt_string_param xslt_last_modified
            xml_entities image_filter image_filter_buffer image_filter_interlace
            image_filter_jpeg_quality image_filter_sharpen image_filter_transparency
            image_filter_webp_quality""",
            "content is compressed, translated and searched, but XML and images are not read",
        ),
        refused("ignore_not_modified", instead="use if_modified_since off"),
        # content of other kinds
        refused(
            "create_full_put_path dav_methods min_delete_depth",
            "files are not written by WebDAV",
            instead="pass such requests on to a server that does",
        ),
        refused(
            """flv mp4 mp4_buffer_size mp4_limit_rate mp4_limit_rate_after mp4_max_buffer_size
            mp4_start_key_frame f4f f4f_buffer_size hls hls_buffers hls_forward_args hls_fragment
            hls_mp4_buffer_size hls_mp4_max_buffer_size""",
            "films are sent as the files they are, ranges of them too, and not cut by time",
        ),
        refused("fancyindex", _OTHERS, instead="use autoindex, or autoindex_format json"),
        refused("rtmp", "forkproxy proxies HTTP only"),
        refused("session_log session_log_format session_log_zone", instead="use access_log"),
        refused(
            """status status_format upstream_conf vhost_traffic_status_zone
            vhost_traffic_status_display""",
            instead="use api, status_zone and `forkproxy status`",
        ),
        refused("post_action", instead="use mirror"),
        # caching
        refused("grpc_cache", "upstreams are not spoken to in gRPC", off="off"),
        # more of the proxy
        refused(
            "proxy_download_rate proxy_upload_rate",
            _STREAM,
            instead="use limit_rate, or proxy_limit_rate",
        ),
        refused("proxy_timeout", _STREAM, instead="use proxy_read_timeout"),
        refused("proxy_ssl", _STREAM, instead="write proxy_pass https://"),
        refused(
            "proxy_half_close proxy_requests proxy_responses proxy_session_drop proxy_ssl_alpn",
            _STREAM,
        ),
        refused(
            """proxy_allow_upstream fastcgi_allow_upstream scgi_allow_upstream
            uwsgi_allow_upstream""",
            "an upstream that was not to be asked would be",
            instead="choose it by map, in proxy_pass",
        ),
        refused(
            """proxy_request_dynamic fastcgi_request_dynamic scgi_request_dynamic
            uwsgi_request_dynamic""",
            "a request is made once, and is the same for each server that is tried",
        ),
        refused("sticky_cookie_insert sticky_secret_prefix", instead="use sticky cookie"),
        refused("fair upstream_fair", instead="use least_conn, or least_time"),
        refused(
            "check check_http_send check_http_expect_alive check_status health_check_timeout",
            instead="use health_check and match in the location; it has proxy_read_timeout",
        ),
        refused("ntlm", "a connection is not kept for one client, as NTLM wants it"),
        refused(
            "slow_start resolve",
            "it is no directive",
            instead="write it behind the address of a server in upstream",
        ),
        # other kinds of upstream
        refused("uwsgi_string", "it is for other uses of uWSGI's protocol than HTTP"),
        _family(
            "grpc",
            "gRPC",
            """allow_upstream bind buffer_size connect_timeout hide_header ignore_headers
            intercept_errors next_upstream next_upstream_timeout next_upstream_tries pass
            pass_header read_timeout request_dynamic send_timeout set_header socket_keepalive
            ssl_certificate ssl_certificate_cache ssl_certificate_key ssl_ciphers ssl_conf_command
            ssl_crl ssl_key_log ssl_name ssl_password_file ssl_protocols ssl_server_name
            ssl_session_reuse ssl_trusted_certificate ssl_verify ssl_verify_depth""",
        ),
        _family(
            "memcached",
            "memcached",
            """allow_upstream bind buffer_size connect_timeout force_ranges gzip_flag next_upstream
            next_upstream_timeout next_upstream_tries pass read_timeout send_timeout
            socket_keepalive""",
        ),
        _family(
            "redis2",
            "Redis",
            "pass query raw_query literal_raw_query connect_timeout",
        ),
        _family(
            "drizzle",
            "SQL",
            "pass query server",
        ),
        _family(
            "postgres",
            "SQL",
            "pass query server output keepalive",
        ),
        _family(
            "tunnel",
            "CONNECT, and clients may not ask for it",
            "pass allow_upstream buffer_size connect_timeout read_timeout",
        ),
        refused(
            "fastcgi_ssl_verify gearman_pass gearman_server passenger_enabled passenger_root",
            "applications run by themselves, and are spoken to in HTTP, FastCGI, uwsgi or SCGI",
        ),
        # variables of other kinds
        refused(
            """geoip_city geoip_country geoip_org geoip_proxy geoip_proxy_recursive geoip2
            geoip2_proxy geoip2_proxy_recursive""",
            "databases of places are not read",
            instead="use geo, with an include of networks",
        ),
        refused(
            "perl_set ancient_browser ancient_browser_value modern_browser modern_browser_value",
            instead="use map, of $http_user_agent",
        ),
        # programs inside nginx
        refused(
            """js_access js_body_filter js_content js_context_reuse js_fetch_buffer_size
            js_fetch_ciphers js_fetch_keepalive js_fetch_keepalive_requests
            js_fetch_keepalive_time js_fetch_keepalive_timeout js_fetch_max_response_buffer_size
            js_fetch_protocols js_fetch_proxy js_fetch_timeout js_fetch_trusted_certificate
            js_fetch_verify js_fetch_verify_depth js_filter js_header_filter js_import js_include
            js_load_http_native_module js_load_stream_native_module js_path js_periodic
            js_preload_object js_preread js_set js_shared_dict_zone js_var js_engine""",
            "forkproxy runs no JavaScript",
        ),
        refused("perl perl_modules perl_require", "forkproxy runs no Perl"),
        refused(
            """access_by_lua access_by_lua_block access_by_lua_file access_by_lua_no_postpone
            balancer_by_lua_block balancer_by_lua_file body_filter_by_lua body_filter_by_lua_block
            body_filter_by_lua_file content_by_lua content_by_lua_block content_by_lua_file
            exit_worker_by_lua_block exit_worker_by_lua_file header_filter_by_lua
            header_filter_by_lua_block header_filter_by_lua_file init_by_lua init_by_lua_block
            init_by_lua_file init_worker_by_lua init_worker_by_lua_block init_worker_by_lua_file
            log_by_lua log_by_lua_block log_by_lua_file lua_capture_error_log
            lua_check_client_abort lua_code_cache lua_http10_buffering lua_load_resty_core
            lua_malloc_trim lua_max_pending_timers lua_max_running_timers lua_need_request_body
            lua_package_cpath lua_package_path lua_regex_cache_max_entries lua_regex_match_limit
            lua_sa_restart lua_shared_dict lua_socket_buffer_size lua_socket_connect_timeout
            lua_socket_keepalive_timeout lua_socket_log_errors lua_socket_pool_size
            lua_socket_read_timeout lua_socket_send_lowat lua_socket_send_timeout
            lua_ssl_certificate lua_ssl_certificate_key lua_ssl_ciphers lua_ssl_conf_command
            lua_ssl_crl lua_ssl_protocols lua_ssl_trusted_certificate lua_ssl_verify_depth
            lua_thread_cache_max_entries lua_transform_underscores_in_response_headers
            lua_use_default_type lua_worker_thread_vm_pool_size rewrite_by_lua
            rewrite_by_lua_block rewrite_by_lua_file rewrite_by_lua_no_postpone
            server_rewrite_by_lua_block server_rewrite_by_lua_file set_by_lua set_by_lua_block
            set_by_lua_file ssl_certificate_by_lua_block ssl_certificate_by_lua_file
            ssl_client_hello_by_lua_block ssl_client_hello_by_lua_file
            ssl_session_fetch_by_lua_block ssl_session_fetch_by_lua_file
            ssl_session_store_by_lua_block ssl_session_store_by_lua_file""",
            _LUA,
        ),
        # telemetry and modules of others
        refused(
            """otel_exporter otel_resource_attr otel_service_name otel_span_attr otel_span_name
            otel_trace otel_trace_context opentracing opentracing_load_tracer
            opentracing_propagate_context opentracing_tag zipkin_collector""",
            "spans are not sent; traceparent is passed on like any field",
            instead="use $request_id in log_format and proxy_set_header",
        ),
        refused(
            """mgmt usage_report uuid_file license_token enforce_initial_report
            deployment_context proxy_username proxy_password""",
            "there is no licence, and nobody to report to",
        ),
        refused(
            "echo echo_exec echo_location echo_sleep",
            _OTHERS,
            instead="use return, add_before_body or rewrite",
        ),
        refused(
            """push_stream_allow_connections_to_events_channel push_stream_allowed_origins
            push_stream_channels_path push_stream_channels_statistics push_stream_last_event_id
            push_stream_last_received_message_tag push_stream_last_received_message_time
            push_stream_max_messages_stored_per_channel push_stream_message_template
            push_stream_message_ttl push_stream_ping_message_interval push_stream_publisher
            push_stream_shared_memory_size push_stream_subscriber
            push_stream_subscriber_connection_ttl push_stream_websocket_allow_publish shib_request
            shib_request_set shib_request_use_headers upload_aggregate_form_field
            upload_archive_elm upload_buffer_size upload_cleanup upload_limit_rate
            upload_max_file_size upload_merge_buffer_size upload_pass upload_pass_args
            upload_pass_form_field upload_progress upload_range_header_buffer_size
            upload_resumable upload_set_form_field upload_state_store upload_store
            upload_store_access upload_tame_arrays track_uploads report_uploads pagespeed
            pagespeed_file_cache_path set_escape_uri
            set_unescape_uri set_md5 set_secure_random_alphanum set_form_input concat concat_types
            concat_max_files http_flood nchan_publisher nchan_subscriber nchan_pubsub vod""",
            _OTHERS,
        ),
        # stream and mail, where they stand outside of their blocks
        refused(
            """auth_http auth_http_header auth_http_pass_client_cert auth_http_timeout imap_auth
            imap_capabilities imap_client_buffer pop3_auth pop3_capabilities protocol
            proxy_pass_error_message proxy_smtp_auth smtp_auth smtp_capabilities
            smtp_client_buffer smtp_greeting_delay starttls timeout xclient max_errors
            preread_buffer_size preread_timeout proxy_buffer pass mqtt mqtt_buffers mqtt_preread
            mqtt_set_connect mqtt_rewrite_buffer_size zone_sync zone_sync_buffers
            zone_sync_connect_retry_interval zone_sync_connect_timeout zone_sync_interval
            zone_sync_recv_buffer_size zone_sync_server zone_sync_ssl zone_sync_ssl_certificate
            zone_sync_ssl_certificate_key zone_sync_ssl_ciphers zone_sync_ssl_conf_command
            zone_sync_ssl_crl zone_sync_ssl_name zone_sync_ssl_password_file
            zone_sync_ssl_protocols zone_sync_ssl_server_name zone_sync_ssl_trusted_certificate
            zone_sync_ssl_verify zone_sync_ssl_verify_depth zone_sync_timeout""",
            "forkproxy proxies HTTP only",
        ),
    )
)
