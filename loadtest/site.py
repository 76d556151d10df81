"""What a proxy is asked to do in a run, and each proxy's words for it.

All of them keep up to 64 idle connections to the origin, close no connection for its count of
requests, set Host, X-Real-IP and X-Forwarded-For, and write an access log when one is asked for.
All else is as the proxy has it by default: buffering, too.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loadtest.address import LOOPBACK
from loadtest.origin import Origin

CONNECTIONS = 8192  # a proxy may have at once, of clients and to the origin
FORWARD = "proxy_pass http://files;"  # to the origin, in nginx.conf's words
_EVER = 1000000000  # requests on one connection


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of all proxies of a scenario, each in its own words.

    Attributes:
        cached: whether answers are kept, in memory or in a folder that is in memory.
        files: whether the plain GETs are answered with files, and nobody is asked.
        coding: in which HTML is compressed: "gzip", "brotli" or "zstd"; "" for none.
        secure: clients come by TLS, and their sessions are kept in "tickets" or in a "cache" of the
            server; "" for plain HTTP.
        http2: clients that come by TLS may speak HTTP/2; in plain all do, with prior knowledge.
        streams: that such a client may have at once, where a proxy is told.
    """

    cached: bool = False
    files: bool = False
    coding: str = ""
    secure: str = ""
    http2: bool = False
    streams: int = 128

    def words(self) -> set[str]:
        """Return what a proxy must be able to do, as words."""
        said = {
            "files": self.files,
            self.coding: self.coding,
            "tls": self.secure,
            "http2": self.http2,
        }
        return {word for word, wanted in said.items() if wanted}


FORWARDED = Task()


@dataclass(frozen=True, slots=True)
class Site:
    """One proxy's task.

    Attributes:
        folder: its own; everything it writes is in there.
        port: it listens on.
        control: a port for its administration, where it has such.
        log: whether to write an access log.
        http: directives to add within http {}, for who reads nginx.conf.
        location: what the location of the plain GETs does beside setting fields, likewise;
            "" does the task.
    """

    folder: Path
    port: int
    control: int
    origin: Origin
    log: bool = False
    http: str = ""
    location: str = ""
    task: Task = FORWARDED


def make_certificate(folder: Path) -> None:
    """Make a certificate with an ECDSA key: tls.crt, tls.key, and tls.pem with both."""
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext"]
    words += ["subjectAltName=DNS:localhost", "-keyout", "tls.key", "-out", "tls.crt"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    both = (folder / "tls.crt").read_bytes() + (folder / "tls.key").read_bytes()
    (folder / "tls.pem").write_bytes(both)


def _nginx_tls(site: Site) -> str:
    # Not `http2 on`, which nginx has since 1.25.1 only.
    protocol = "http2 " if site.task.http2 else ""
    if not site.task.secure:
        return f"{protocol}backlog=4096;"
    cache = "ssl_session_tickets off; ssl_session_cache shared:TLS:10m;"
    return f"""ssl {protocol}backlog=4096;
        ssl_certificate {site.folder}/tls.crt;
        ssl_certificate_key {site.folder}/tls.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        {cache if site.task.secure == "cache" else ""}"""


def _haproxy_tls(site: Site) -> str:
    if not site.task.secure:
        return ""
    words = f"ssl crt {site.folder}/tls.pem{' alpn h2,http/1.1' if site.task.http2 else ''}"
    return f"{words} no-tls-tickets" if site.task.secure == "cache" else words


def _caddy_tls(site: Site) -> str:
    return f"tls {site.folder}/tls.crt {site.folder}/tls.key" if site.task.secure else ""


def nginx_conf(site: Site) -> str:
    """Return the nginx.conf, which nginx and forkproxy both read."""
    # As root, nginx would run its worker as nobody, who may not write in our folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    log = f"{site.folder}/access.log" if site.log else "off"
    fields = """\
proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"""
    location = site.location or FORWARD
    http = site.http
    if site.task.streams != FORWARDED.streams:
        http += f"http2_max_concurrent_streams {site.task.streams};"
    if site.task.files:
        location = f"root {site.origin.folder}; sendfile on;"
    if site.task.coding:
        http += f"{site.task.coding} on;"
    if site.task.cached:
        http += f"proxy_cache_path {site.folder}/cache keys_zone=kept:64m max_size=4g;"
        location += " proxy_cache kept; proxy_cache_valid 200 1h;"
    return f"""\
{user}worker_processes 1;
pid {site.folder}/proxy.pid;
error_log {site.folder}/error.log warn;
worker_rlimit_nofile {2 * CONNECTIONS};
events {{ worker_connections {CONNECTIONS}; }}
http {{
    access_log {log};
    client_body_temp_path {site.folder}/client_body;
    proxy_temp_path {site.folder}/proxy;
    client_max_body_size 16m;
    keepalive_timeout 300s;
    keepalive_requests {_EVER};
    upstream files {{
        server {LOOPBACK}:{site.origin.files};
        keepalive 64;
        keepalive_requests {_EVER};
    }}
    upstream reader {{
        server {LOOPBACK}:{site.origin.reader};
        keepalive 64;
        keepalive_requests {_EVER};
    }}
    {http}
    server {{
        listen {LOOPBACK}:{site.port} {_nginx_tls(site)}
        location / {{
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            {fields}
            {location}
        }}
        location /upload {{
            {"proxy_buffering off;" if site.task.coding else ""}
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            {fields}
            proxy_pass http://reader;
        }}
        location /echo {{
            proxy_http_version 1.1;
            proxy_set_header Connection "upgrade";
            proxy_set_header Upgrade $http_upgrade;
            {fields}
            proxy_read_timeout 300s;
            proxy_pass http://reader;
        }}
    }}
}}
"""


def haproxy_cfg(site: Site) -> str:
    """Return the configuration of HAProxy. It logs to its standard output, which is a file."""
    log = "log stdout format raw local0" if site.log else ""
    option = "log global\n    option httplog" if site.log else ""
    coding = "compression algo gzip\n    compression type text/html" if site.task.coding else ""
    store = "cache kept\n    total-max-size 1024\n    max-object-size 1000000\n    max-age 3600"
    kept = "http-request cache-use kept\n    http-response cache-store kept"
    return f"""\
global
    maxconn {CONNECTIONS}
    nbthread 1
    {log}
defaults
    mode http
    timeout connect 5s
    timeout client 300s
    timeout server 60s
    timeout tunnel 300s
    timeout http-keep-alive 300s
    option forwardfor
    http-reuse always
    {option}
    {coding}
frontend clients
    bind {LOOPBACK}:{site.port} backlog 4096 {_haproxy_tls(site)}
    http-request set-header X-Real-IP %[src]
    use_backend reader if {{ path_beg /upload /echo }}
    default_backend files
{store if site.task.cached else ""}
backend files
    {kept if site.task.cached else ""}
    server peer {LOOPBACK}:{site.origin.files} pool-max-conn 64
backend reader
    server peer {LOOPBACK}:{site.origin.reader} pool-max-conn 64
"""


def varnish_vcl(site: Site) -> str:
    """Return the VCL of Varnish, which logs to memory whatever it is told."""
    kept = "set beresp.ttl = 1h;" if site.task.cached else "set beresp.uncacheable = true;"
    asked = "" if site.task.cached else "return (pass);"
    return f"""\
vcl 4.1;
backend files {{ .host = "{LOOPBACK}"; .port = "{site.origin.files}"; }}
backend reader {{ .host = "{LOOPBACK}"; .port = "{site.origin.reader}"; }}
sub vcl_recv {{
    set req.http.X-Real-IP = client.ip;
    if (req.url ~ "^/(upload|echo)") {{
        set req.backend_hint = reader;
        if (req.http.Upgrade) {{ return (pipe); }}
        return (pass);
    }}
    {asked}
}}
sub vcl_backend_response {{
    {kept}
}}
"""


def caddyfile(site: Site) -> str:
    """Return the Caddyfile. X-Forwarded-For and Host are Caddy's own defaults."""
    log = f"log {{\n        output file {site.folder}/access.log\n    }}" if site.log else ""
    coding = f"encode {site.task.coding}" if site.task.coding else ""
    forward = """reverse_proxy %s:%d {
            flush_interval %s
            header_up X-Real-IP {remote_host}
            transport http {
                keepalive 75s
                keepalive_idle_conns 64
                keepalive_idle_conns_per_host 64
                compression off
            }
        }"""
    files = f"root * {site.origin.folder}\n        file_server"
    return f"""\
{{
    admin {LOOPBACK}:{site.control}
    auto_https off
    log {{
        level ERROR
    }}
}}
{"https" if site.task.secure else "http"}://:{site.port} {{
    bind {LOOPBACK}
    {_caddy_tls(site)}
    {log}
    {coding}
    @reader path /upload* /echo
    handle @reader {{
        {forward % (LOOPBACK, site.origin.reader, -1)}
    }}
    handle {{
        {files if site.task.files else forward % (LOOPBACK, site.origin.files, 0)}
    }}
}}
"""
