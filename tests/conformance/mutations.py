"""Do forkproxy and the real nginx take and refuse the same configurations?

    python -m tests.conformance.mutations --count 2000 --seed 1

Good configurations are put together of lines that both take, then damaged: a line dropped, doubled,
misplaced or misspelt, an argument too many or too few, a bad value, a mark lost. Both are asked
for their verdict; what they do not agree on is listed. Lines that cannot be compared are left out,
and counted by reason: nginx's version does not know them, forkproxy refuses them by name.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from forkproxy.config.directives import TABLE
from forkproxy.config.load import load_text
from forkproxy.config.problems import ConfigErrors, Severity

LINES = {
    "main": """
        worker_processes 2; worker_processes auto; worker_priority 5; worker_rlimit_nofile 1024
        worker_shutdown_timeout 10s; error_log stderr warn; env PATH; env A=b
        timer_resolution 100ms
        pid nginx-x.pid; worker_cpu_affinity 01 10; pcre_jit on; lock_file x.lock
    """,
    "events": "worker_connections 64; multi_accept on; use epoll; accept_mutex off",
    "http": """
        log_format a '$remote_addr "$request" $status'; log_format b escape=json "$host"
        map $http_upgrade $mapped { default upgrade; "" close; }; default_type text/plain
        map $host $other { hostnames; .example.com 1; ~^a(?<rest>.*)$ $rest; default 0; }
        types { text/html html htm; image/png png; }; types_hash_max_size 2048
        server_names_hash_bucket_size 128; variables_hash_max_size 2048; server_tokens off
        client_header_timeout 10s; large_client_header_buffers 4 8k; keepalive_timeout 65 60
        keepalive_requests 100; sendfile on; tcp_nopush on; tcp_nodelay off
        client_max_body_size 10m; proxy_read_timeout 1m30s; proxy_set_header X-A $host
        add_header X-B b always; index index.html index.htm; root /srv; error_page 404 /404.html
        access_log off; access_log logs/a.log combined; ignore_invalid_headers off
        underscores_in_headers on; merge_slashes off; gzip off; gzip on; gzip_types text/css
        gzip_min_length 1000; gzip_vary on; limit_req_zone $binary_remote_addr zone=one:1m rate=1r/s
        limit_conn_zone $binary_remote_addr zone=addr:1m; proxy_cache_path cache keys_zone=c:1m
        split_clients $remote_addr $variant { 50% a; * b; }; resolver 127.0.0.1 valid=10s
        geo $country { default x; 127.0.0.0/8 y; }; charset utf-8; reset_timedout_connection on
        resolver_timeout 5s; send_timeout 10s; lingering_close always; msie_padding off
        set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on
    """,
    "server": """
        listen 8081; listen 127.0.0.1:8082 default_server; listen [::1]:8083 ipv6only=on
        listen unix:x.sock; listen 8084 backlog=100 reuseport; server_name a.example b.example
        server_name *.example.com; server_name ~^(?<sub>.+)\\.example$; server_name _ ""
        return 301 https://$host$request_uri; rewrite ^/a/(.*)$ /b/$1 last; set $x "a $host"
        if ($host = example.com) { return 403; }
        if ($request_method !~ ^(GET|HEAD)$) { return 405; }
        error_page 500 502 503 504 /50x.html; error_page 404 = @gone; location @gone { return 404; }
        location = /50x.html { internal; root /srv; }; root /srv/www; index index.php
        location / { proxy_pass http://u; }; location ~* \\.(gif|png)$ { expires 30d; }
        location ^~ /static/ { alias /srv/static/; }; location /x { try_files $uri $uri/ =404; }
        client_max_body_size 0; client_header_buffer_size 2k; large_client_header_buffers 8 16k
        keepalive_timeout 0; access_log logs/b.log a; error_log logs/e.log info; gzip_proxied any
        allow 10.0.0.0/8; deny all; auth_basic "closed"; auth_basic_user_file htpasswd; satisfy any
        limit_conn addr 5; limit_req zone=one burst=5 nodelay; add_header X-C c; server_tokens on
        client_body_timeout 10s; absolute_redirect off; port_in_redirect off; limit_rate 10k
        server_name_in_redirect on; recursive_error_pages on; log_not_found off; etag off
    """,
    "location": """
        proxy_pass http://u; proxy_pass http://127.0.0.1:3000/base/; proxy_pass http://unix:/x.sock
        proxy_pass http://$host:8080; proxy_set_header Host $host
        proxy_set_header X-Real-IP $remote_addr
        proxy_set_header Connection ""; proxy_http_version 1.1; proxy_buffering off
        proxy_buffers 8 16k; proxy_buffer_size 16k; proxy_busy_buffers_size 32k
        proxy_connect_timeout 5s; proxy_send_timeout 60; proxy_read_timeout 300s
        proxy_redirect off; proxy_redirect http://a/ /; proxy_redirect ~^http://(.*)$ http://$1
        proxy_next_upstream error timeout http_502; proxy_next_upstream_tries 3
        proxy_next_upstream_timeout 10s; proxy_hide_header X-Powered-By; proxy_pass_header Server
        proxy_ignore_headers Expires Cache-Control; proxy_intercept_errors on
        proxy_request_buffering off; proxy_method POST; proxy_set_body "$request_body"
        proxy_max_temp_file_size 0; proxy_limit_rate 100k; proxy_socket_keepalive on
        proxy_cookie_path / /app; proxy_cookie_domain a b; proxy_bind off; proxy_temp_path tmp 1 2
        proxy_ignore_client_abort on; proxy_pass_request_body off; proxy_pass_request_headers on
        root /srv; alias /srv/; try_files $uri /index.html; index a.html; internal; return 204
        return 200 "text $host"; return http://e.com/; rewrite ^ /y break; set $y 1; break
        if ($arg_a) { set $z 1; }; if (-f $request_filename) { break; }
        if ($arg_y ~ a) { return 402; }
        location /lo/inner { return 200; }; expires off; expires max; expires 1h; add_header X-D d
        error_page 403 =200 /x.html; default_type application/json; autoindex on; gzip_static off
        client_body_buffer_size 16k; client_body_temp_path tmp2; limit_except GET { deny all; }
        auth_request /auth; mirror /mirror; stub_status; sub_filter a b; sub_filter_once off
        if_modified_since before; chunked_transfer_encoding off; proxy_cache c
        proxy_cache_valid 200 1m
        proxy_cache_key $uri; proxy_cache_bypass $arg_x; proxy_no_cache $arg_x; empty_gif
        types { text/x-a a; }; valid_referers none blocked a.example; charset off; max_ranges 1
        output_buffers 1 32k; postpone_output 1460; aio off; directio off; open_file_cache off
    """,
    "upstream": """
        server 127.0.0.1:81; server 127.0.0.1:82 weight=2 max_fails=3 fail_timeout=30s; keepalive 16
        server unix:/y.sock backup; server 127.0.0.1:83 down; ip_hash; least_conn
        hash $uri consistent
        zone z 64k; keepalive_timeout 60s; keepalive_requests 100; random two; keepalive_time 1h
    """,
}
SHELLS = {
    "main": "{}\nevents {{ }}\n",
    "events": "events {{\n{}\n}}\n",
    "http": "events {{ }}\nhttp {{\n{}\n}}\n",
    "server": "events {{ }}\nhttp {{ {} server {{\n{}\n}} }}\n",
    "location": "events {{ }}\nhttp {{ {} server {{ location /lo/ {{\n{}\n}} }} }}\n",
    "upstream": "events {{ }}\nhttp {{ upstream u2 {{\n{}\n}} }}\n",
}
# What lines of servers and locations refer to.
HELPERS = """
    log_format a '$host'; upstream u { server 127.0.0.1:99; }
"""
ZONES = (
    "limit_req_zone $host zone=one:1m rate=1r/s;",
    "limit_conn_zone $host zone=addr:1m;",
    "proxy_cache_path cache keys_zone=c:1m;",
)
BAD = [
    *(
        "",
        "x",
        "-1",
        "1.5",
        "99999999999999999999",
        "on",
        "off",
        "1x",
        "10mm",
        "1h 30m",
        "1h30",
        "0",
    ),
    *(
        "$",
        "${host",
        "$nothing_such",
        "$1",
        "/",
        "http://",
        "https://a/",
        "unix:",
        "127.0.0.1:99999",
    ),
    *(
        "localhost:",
        "[::1",
        "256.1.1.1",
        "10.0.0.0/33",
        "all",
        "default",
        "(",
        "[a-z",
        "(?<a",
        "*a*",
    ),
    *(
        "~(",
        "=",
        "=999999",
        "a b",
        "'",
        "{",
        "}",
        ";",
        "#",
        "\\",
        "on off",
        "zone=",
        "zone=none",
        "8 8",
    ),
]
KINDS = "dropped doubled misplaced misspelt value value value more fewer mark".split()  # noqa: SIM905
UNCOMPARABLE = "is not supported by this version of forkproxy"
FROM_SYSTEM = re.compile(
    r"host not found|bind\(\)|socket\(\)|mkdir\(\)|chmod\(\)|chown\(\)|getpwnam|getgrnam|"
    r"no resolver|cannot load|open\(\) .*(?:Permission|Is a directory)|inet6 sockets"
)


class Verdict(NamedTuple):
    """What one of the two says: whether it takes it, and its first error."""

    good: bool
    said: str = ""


class Case(NamedTuple):
    """A damaged configuration, and what was done to it."""

    kind: str
    text: str


def ours(text):
    """Return forkproxy's verdict."""
    try:
        load_text(text, prefix="/nonexistent")
    except ConfigErrors as errors:
        first = next(one for one in errors.problems if one.severity is Severity.EMERG)
        return Verdict(False, first.message)
    return Verdict(True)


def theirs(text, binary):
    """Return the real nginx's verdict; what depends on the machine counts as taken."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        path = Path(folder, "nginx.conf")
        path.write_text(text)
        Path(folder, "logs").mkdir()
        Path(folder, "htpasswd").touch()
        command = [binary, "-t", "-c", str(path), "-p", folder, "-e", "stderr"]
        found = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        wrong = re.search(r"\[emerg\] (?:\d+#\d+: )?(.*)", found.stderr)
    if found.returncode == 0 or (wrong and FROM_SYSTEM.search(wrong[1])):
        return Verdict(True, wrong[1] if wrong else "")
    said = wrong[1] if wrong else found.stderr
    said = re.sub(rf" in {path}:\d+$", "", said)
    return Verdict(False, said.replace(folder, "/nonexistent"))


def whole(place, lines, helpers=""):
    text = "\n".join(f"{line.strip()}" for line in lines)
    shell = SHELLS[place]
    return shell.format(helpers, text) if shell.count("{}") == 2 else shell.format(text)


def split(text):
    """Return the directives of a pool: parted by ";" or line ends outside of blocks."""
    found, depth, start = [], 0, 0
    for at, mark in enumerate(text + "\n"):
        depth += (mark == "{") - (mark == "}")
        if mark in ";\n" and depth == 0 and text[at - 2 : at] != "\\\\":
            line = text[start:at].strip().replace("\\\\", "\\")
            found += [line if line.endswith("}") else f"{line};"] if line else []
            start = at + 1
    return found


def helpers(binary):
    """Return what lines may refer to: those zones too that both sides have."""
    zones = [
        zone
        for zone in ZONES
        if ours(whole("http", [zone])).good and theirs(whole("http", [zone]), binary).good
    ]
    return HELPERS + " ".join(zones)


def pools(binary):
    """Return the lines that both take, by place, and why the others are left out, counted."""
    left_out = Counter()
    found = {}
    around = helpers(binary)
    for place, text in LINES.items():
        found[place] = []
        for line in split(text):
            lines = ["server 127.0.0.1:9;", line] if place == "upstream" else [line]
            conf = whole(place, lines, around)
            mine, real = ours(conf), theirs(conf, binary)
            if mine.good and real.good:
                found[place].append(line)
            elif UNCOMPARABLE in mine.said:
                left_out[f"forkproxy refuses {line.split()[0]} by name"] += 1
            elif real.said.startswith("unknown directive"):
                left_out[f"this nginx has no {line.split()[0]}"] += 1
            else:
                left_out[f"{line} is refused: {mine.said or 'nginx: ' + real.said}"] += 1
    return found, left_out


def damage(chance, lines, everywhere):
    """Return what was done, and the lines of a level after it."""
    lines = list(lines)
    at = chance.randrange(len(lines))
    line = lines[at]
    name, _, rest = line.partition(" ")
    name = name.rstrip(";")
    words = rest.rstrip(";").split(" ") if "{" not in line else []
    kind = chance.choice(KINDS)
    if kind == "dropped":
        del lines[at]
    elif kind == "doubled":
        lines.insert(at, line)
    elif kind == "misplaced":
        lines[at] = chance.choice(everywhere)
    elif kind == "misspelt":
        where = chance.randrange(len(name))
        lines[at] = line[:where] + chance.choice(["", "x", name[where] * 2]) + line[where + 1 :]
    elif kind == "value" and words:
        words[chance.randrange(len(words))] = chance.choice(BAD)
        lines[at] = f"{name} {' '.join(words)};"
    elif kind == "more":
        lines[at] = line.rstrip(";") + f" {chance.choice(BAD)};"
    elif kind == "fewer" and words:
        del words[chance.randrange(len(words))]
        lines[at] = f"{name} {' '.join(words)};"
    else:
        kind = "mark"
        where = [place for place, octet in enumerate(line) if octet in ";{}\"'()"]
        place = chance.choice(where)
        lines[at] = line[:place] + line[place + 1 :]
    return kind, lines


def cases(chance, count, found, around):
    """Yield damaged configurations."""
    everywhere = [line for lines in found.values() for line in lines]
    for _ in range(count):
        place = chance.choice(
            ["main", "http", "server", "server", "location", "location", "upstream"]
        )
        lines = chance.sample(found[place], min(len(found[place]), chance.randrange(1, 4)))
        if place == "upstream":
            lines.insert(0, "server 127.0.0.1:9;")
        kind, damaged = damage(chance, lines, everywhere)
        yield Case(kind, whole(place, damaged, around))


def excused(case, mine, real):
    """Return why a difference is none that counts, "" where it counts."""
    if UNCOMPARABLE in mine.said or " is not supported" in mine.said:
        return "forkproxy refuses it by name"
    unknown = re.match(r'unknown directive "(.*)"', real.said)
    if unknown and unknown[1] in TABLE:
        return "this nginx does not have the directive"
    if "invalid value" in real.said and re.search(r"^proxy_limit_rate [^;]*\$", case.text, re.M):
        return "this nginx takes no variables in proxy_limit_rate"
    if FROM_SYSTEM.search(real.said):
        return "it hangs on the machine"
    if real.said.startswith("open() ") and "include" not in case.text:
        return "nginx -t opens the logs and the pid file"
    if real.said.startswith("could not build"):
        return "nginx has hash tables of a size to be chosen"
    return ""


def compare(count, seed, binary, jobs=2):
    """Return the cases that count, those of them that differ, and how many were excused, why."""
    found, left_out = pools(binary)
    chosen = list(cases(random.Random(seed), count, found, helpers(binary)))
    with ThreadPoolExecutor(jobs) as pool:
        real = list(pool.map(lambda case: theirs(case.text, binary), chosen))
    counted, differing, same_words = 0, [], 0
    for case, verdict in zip(chosen, real, strict=True):
        mine = ours(case.text)
        reason = excused(case, mine, verdict)
        if reason and mine.good != verdict.good:
            left_out[reason] += 1
            continue
        counted += 1
        same_words += mine.said == verdict.said
        if mine.good != verdict.good:
            differing.append((case, mine, verdict))
    return counted, differing, same_words, left_out


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None:
        sys.exit("the real nginx is not installed")
    counted, differing, same, left_out = compare(options.count, options.seed, binary, options.jobs)
    lines = []
    for case, mine, real in differing:
        lines.append(f"--- {case.kind}\n{case.text.strip()}")
        lines.append(f"    forkproxy: {'takes it' if mine.good else mine.said}")
        lines.append(f"    nginx:     {'takes it' if real.good else real.said}")
    lines += [f"left out, {number}: {reason}" for reason, number in sorted(left_out.items())]
    agree = counted - len(differing)
    lines.append(
        f"{counted} compared, {agree} verdicts agree ({agree / counted:.2%}), "
        f"{same} say the same words ({same / counted:.2%})\n"
    )
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    main()
