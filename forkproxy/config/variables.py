"""Which variables exist: nginx's own, and those that a configuration makes.

What a variable is worth is computed elsewhere; here is only whether its name means
anything, so that a misspelt one is found when the configuration is read.
"""

from __future__ import annotations

import difflib
from collections.abc import Set as AbstractSet


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OPENING = _names(
    """
    proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port
    ssl_alpn_protocol ssl_cipher ssl_ciphers ssl_client_cert ssl_client_escaped_cert
    ssl_client_fingerprint ssl_client_i_dn ssl_client_i_dn_legacy ssl_client_raw_cert
    ssl_client_s_dn ssl_client_s_dn_legacy ssl_client_serial ssl_client_v_end
    ssl_client_v_remain ssl_client_v_start ssl_client_verify ssl_curve ssl_curves ssl_early_data
    ssl_protocol ssl_server_name ssl_session_id ssl_session_reused
    """
)
AVAILABLE = _OPENING | _names(
    """
    acme_certificate acme_certificate_key
    args binary_remote_addr body_bytes_sent brotli_ratio bytes_sent connection
    connection_requests connection_time connections_active connections_reading connections_waiting
    connections_writing content_length content_type date_gmt date_local document_root document_uri
    fastcgi_path_info fastcgi_script_name
    gzip_ratio host hostname http2 https invalid_referer is_args is_request_port jwt_payload
    limit_conn_status
    limit_rate
    limit_req_status msec nginx_version pid pipe
    proxy_add_x_forwarded_for proxy_host proxy_internal_body_length proxy_internal_chunked
    proxy_port query_string realip_remote_addr realip_remote_port realpath_root remote_addr
    secure_link secure_link_expires
    remote_port remote_user request request_body request_body_file request_completion
    request_filename request_id request_length request_method request_port request_time
    request_uri scheme server_addr server_name server_port server_protocol slice_range status
    tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd time_iso8601 time_local
    upstream_addr upstream_bytes_received upstream_bytes_sent upstream_cache_age
    upstream_cache_etag upstream_cache_if_range upstream_cache_key upstream_cache_last_modified
    upstream_cache_range upstream_cache_reason upstream_cache_status upstream_connect_time uid_got
    uid_reset uid_set upstream_header_time upstream_response_length upstream_response_time
    upstream_status uri zstd_ratio
    """
)
AVAILABLE_PREFIXES = (
    "arg_",
    "cookie_",
    "http_",
    "jwt_claim_",
    "jwt_header_",
    "proxy_protocol_tlv_",
    "sent_http_",
    "sent_trailer_",
    "trailer_",
    "upstream_cookie_",
    "upstream_http_",
    "upstream_trailer_",
)

# nginx has these, with all its modules; this version of forkproxy does not.
MISSING = _names(
    """
    ancient_browser api_endpoint connection_upgrade_time
    geoip_area_code geoip_city geoip_city_continent_code
    geoip_city_country_code geoip_city_country_code3 geoip_city_country_name geoip_country_code
    geoip_country_code3 geoip_country_name geoip_dma_code geoip_latitude geoip_longitude
    geoip_org geoip_postal_code geoip_region geoip_region_name http3
    memcached_key
    mgmt_otel modern_browser msie oidc_access_token oidc_id_token oidc_session otel_parent_id
    otel_parent_sampled otel_span_id otel_trace_id quic_connection server_port_quic
    session_log_binary_id session_log_id
    ssl_client_sigalg ssl_ech_outer_server_name ssl_ech_status ssl_preread_alpn_protocols
    ssl_preread_protocol ssl_preread_server_name ssl_server_cert_type ssl_sigalg
    upstream_first_byte_time upstream_last_addr upstream_last_server_name
    upstream_queue_time upstream_session_time
    """
)
MISSING_PREFIXES = ("oidc_claim_",)

# Of nginx's own, those that `set` may change.
_CHANGEABLE = frozenset(
    ("args", "limit_rate", "proxy_host", "proxy_port", "invalid_referer", "uid_reset")
)
_BUILTIN = AVAILABLE | MISSING
_MANY = 1000  # variables of a configuration's own, beyond which a hint is not looked for there


def assignable(name: str) -> bool:
    """Say whether `set` and `map` may make a variable of this name."""
    return name not in _BUILTIN or name in _CHANGEABLE


def objection(name: str, defined: AbstractSet[str]) -> tuple[str, str] | None:
    """Return what is wrong with the use of a variable, and a hint; None if nothing is.

    `defined` are the names that set, map and named captures make, anywhere: nginx's
    variables are global.
    """
    if name in AVAILABLE or name in defined or name.startswith(AVAILABLE_PREFIXES):
        return None
    if name in MISSING or name.startswith(MISSING_PREFIXES):
        return f'the "{name}" variable is not supported by this version of forkproxy', ""
    known = AVAILABLE | defined if len(defined) < _MANY else AVAILABLE
    near = difflib.get_close_matches(name, sorted(known), 1, 0.75)
    return f'unknown "{name}" variable', f"did you mean ${near[0]}?" if near else ""
