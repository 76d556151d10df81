"""How much of what people write is taken: the directives of 55 public configurations, by use."""

import pytest

from forkproxy.config.directives import TABLE
from forkproxy.config.row import Tier

# Of the richest configuration of each of 55 repositories: every name, the most used first.
USED = """
    location proxy_pass server listen proxy_set_header server_name proxy_http_version
    proxy_read_timeout add_header return client_max_body_size upstream access_log root
    proxy_send_timeout include ssl_certificate ssl_certificate_key events http
    proxy_connect_timeout error_log worker_connections proxy_redirect error_page
    keepalive_timeout expires ssl_protocols default_type gzip ssl_ciphers
    ssl_prefer_server_ciphers worker_processes try_files proxy_buffering index gzip_types
    sendfile internal keepalive client_body_buffer_size proxy_cache gzip_proxied gzip_vary
    log_format pid server_tokens user if limit_req proxy_buffers alias set ssl_session_cache
    ssl_session_timeout resolver proxy_cache_valid gzip_comp_level proxy_buffer_size tcp_nodelay
    tcp_nopush limit_req_zone log_not_found map deny proxy_cache_bypass charset
    proxy_busy_buffers_size proxy_cache_path ssl_trusted_certificate allow ssl_dhparam
    gzip_min_length ssl_session_tickets proxy_hide_header rewrite fastcgi_pass gzip_disable
    multi_accept types_hash_max_size http2 proxy_request_buffering types resolver_timeout
    ssl_stapling ssl_stapling_verify proxy_next_upstream proxy_next_upstream_timeout
    proxy_next_upstream_tries gzip_http_version ip_hash proxy_cache_lock proxy_cache_use_stale
    proxy_intercept_errors send_timeout use fastcgi_param set_real_ip_from auth_basic
    auth_basic_user_file proxy_pass_header fastcgi_read_timeout least_conn
    proxy_pass_request_body stub_status client_header_buffer_size fastcgi_buffers fastcgi_index
    gzip_buffers keepalive_requests proxy_cache_background_update proxy_cache_key proxy_no_cache
    real_ip_header real_ip_recursive access_by_lua_file push_stream_channels_path
    upload_set_form_field chunked_transfer_encoding client_body_temp_path content_by_lua
    content_by_lua_file fastcgi_pass_header gearman_pass gearman_server http3 limit_except
    more_clear_input_headers push_stream_last_event_id push_stream_last_received_message_tag
    push_stream_last_received_message_time push_stream_subscriber rewrite_by_lua
    server_name_in_redirect upload_aggregate_form_field absolute_redirect client_body_timeout
    client_header_timeout etag fastcgi_buffer_size fastcgi_hide_header fastcgi_ignore_headers
    fastcgi_intercept_errors fastcgi_max_temp_file_size fastcgi_split_path_info
    large_client_header_buffers limit_req_log_level limit_req_status output_buffers
    port_in_redirect postpone_output proxy_cache_methods proxy_cache_min_uses proxy_cache_purge
    proxy_cache_revalidate proxy_headers_hash_bucket_size proxy_headers_hash_max_size
    proxy_max_temp_file_size proxy_pass_request_headers proxy_socket_keepalive proxy_ssl_verify
    push_stream_channels_statistics push_stream_max_messages_stored_per_channel
    push_stream_message_ttl push_stream_publisher push_stream_shared_memory_size
    reset_timedout_connection server_names_hash_bucket_size shib_request
    shib_request_use_headers sub_filter sub_filter_once sub_filter_types types_hash_bucket_size
    upload_cleanup upload_pass upload_pass_args upload_pass_form_field upload_resumable
    upload_state_store upload_store worker_rlimit_nofile zone
"""
LEAST = 141  # of the 183
NAMES = USED.split()


def taken(name):
    """Tell whether a directive is built somewhere, or accepted since it changes nothing."""
    return any(row.tier is not Tier.REFUSED for row in TABLE.get(name, ()))


def test_every_name_is_known():
    assert len(set(NAMES)) == len(NAMES) == 183
    assert [name for name in NAMES if name not in TABLE] == []


def test_most_of_them_are_taken():
    missing = [name for name in NAMES if not taken(name)]
    assert len(NAMES) - len(missing) >= LEAST, missing


@pytest.mark.parametrize("name", [name for name in NAMES if not taken(name)])
def test_what_is_refused_has_a_reason(name):
    assert all(row.reason or row.instead for row in TABLE[name])


def test_whatever_is_refused_has_a_reason_or_an_alternative():
    rows = [row for rows in TABLE.values() for row in rows if row.tier is Tier.REFUSED]
    assert [row.name for row in rows if not row.reason and not row.instead] == []
