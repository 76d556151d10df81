"""What `nginx -V` says of its modules, said truthfully of us.

Programs read it (certbot, nginx-tests, Ansible roles) to learn what they may
configure. So a module counts as built in when the directive that stands for it is
one that we take, and the table of directives is the only place that knows.
"""

from __future__ import annotations

from forkproxy.config.directives import TABLE
from forkproxy.config.row import Tier

# nginx builds these unless told --without-NAME.
USUAL = {
    "http_charset_module": "charset_map",
    "http_gzip_module": "gzip",
    "http_ssi_module": "ssi",
    "http_userid_module": "userid",
    "http_access_module": "allow",
    "http_auth_basic_module": "auth_basic",
    "http_mirror_module": "mirror",
    "http_autoindex_module": "autoindex",
    "http_geo_module": "geo",
    "http_map_module": "map",
    "http_split_clients_module": "split_clients",
    "http_referer_module": "valid_referers",
    "http_rewrite_module": "rewrite",
    "http_proxy_module": "proxy_pass",
    "http_fastcgi_module": "fastcgi_pass",
    "http_uwsgi_module": "uwsgi_pass",
    "http_scgi_module": "scgi_pass",
    "http_grpc_module": "grpc_pass",
    "http_memcached_module": "memcached_pass",
    "http_limit_conn_module": "limit_conn",
    "http_limit_req_module": "limit_req",
    "http_empty_gif_module": "empty_gif",
    "http_browser_module": "ancient_browser",
    "http_tunnel_module": "tunnel_pass",
    "http_upstream_hash_module": "hash",
    "http_upstream_ip_hash_module": "ip_hash",
    "http_upstream_least_conn_module": "least_conn",
    "http_upstream_least_time_module": "least_time",
    "http_upstream_random_module": "random",
    "http_upstream_keepalive_module": "keepalive",
    "http_upstream_zone_module": "zone",
    "http_upstream_sticky_module": "sticky",
    "http-cache": "proxy_cache",
}

# nginx builds these when told --with-NAME.
WANTED = {
    "http_ssl_module": "ssl_certificate",
    "http_v2_module": "http2",
    "http_v3_module": "http3",
    "http_realip_module": "set_real_ip_from",
    "http_addition_module": "add_before_body",
    "http_sub_module": "sub_filter",
    "http_dav_module": "dav_methods",
    "http_flv_module": "flv",
    "http_mp4_module": "mp4",
    "http_gunzip_module": "gunzip",
    "http_gzip_static_module": "gzip_static",
    "http_auth_request_module": "auth_request",
    "http_random_index_module": "random_index",
    "http_secure_link_module": "secure_link",
    "http_slice_module": "slice",
    "http_stub_status_module": "stub_status",
    "stream": "stream",
    "mail": "mail",
}


def configure_arguments() -> list[str]:
    """Return the arguments that would build an nginx with the modules that we have."""
    without = [f"--without-{name}" for name, word in USUAL.items() if not taken(word)]
    return without + [f"--with-{name}" for name, word in WANTED.items() if taken(word)]


def taken(directive: str) -> bool:
    """Tell whether a directive may be used somewhere, to an effect or as a known no-op."""
    return any(row.tier is not Tier.REFUSED for row in TABLE.get(directive, ()))
