"""Configurations that nobody would write, for tests that only ask whether the check survives."""

import random

from forkproxy.config.directives import TABLE

_ARGUMENTS = r"""
on off 1 0 -1 10 1m 30s 4k 8 16k 404 =404 http://u http://127.0.0.1:1/a/ https://u $host ${uri} $ ${
$1 $nothing / /a/ @named ~ ~* = ^~ ^/(.*)$ (?<x>a) *.a.com .a.com unix:/a 127.0.0.1 [::1]:80 [
localhost:80 always default last break if=$host ( ) ($host) ($host = 'a') ($arg_a ~ b) !-f -f != ~^
weight=2 backup max_fails=x "a b" 'c' "\"" "$host" '${' \ \\n # { } ;
"""
WORDS = [*_ARGUMENTS.split(), "\u00e9", "\x00", "\ufeff", "\t"]
MARKS = [";", ";", ";", "{", "}", "}", "\n", ""]
GOOD = r"""
user root; worker_processes 2; error_log logs/e.log warn; env A=b;
events { worker_connections 64; }
http {
    types { text/html html htm; }
    log_format timed escape=json '$remote_addr "$request" $status';
    map $http_upgrade $upgraded { default upgrade; "" close; ~^a(?<rest>.)$ $rest; }
    upstream u { server 127.0.0.1:1 weight=2; server unix:/tmp/x backup; keepalive 4; }
    server {
        listen 127.0.0.1:8080 default_server; server_name a.example *.b.example ~^c(.)$;
        set $x "a $host"; if ($arg_a ~* "b{2}") { return 403 "no $x"; }
        location / { proxy_pass http://u/; proxy_set_header X-A $x; add_header B c always; }
        location ~ \.(?<ext>gif|png)$ { root /srv; try_files $uri @gone; expires off; }
        location @gone { rewrite ^/(.*)$ /gone/$1?a=b last; error_page 404 =200 /a; }
    }
}
"""


def tokens(chance: random.Random, count: int) -> str:
    """Return a text of directives' names, arguments of all kinds, and marks, in no order."""
    names = sorted(TABLE)
    parts = []
    for _ in range(count):
        parts.append(chance.choice(names))
        parts += chance.choices(WORDS, k=chance.randrange(4))
        parts.append(chance.choice(MARKS))
    return " ".join(parts)


def damaged(chance: random.Random, text: str = GOOD) -> str:
    """Return a good configuration with pieces cut out, doubled, moved and replaced."""
    for _ in range(chance.randrange(1, 6)):
        text = text or ";"
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.randrange(1, 40))
        other = chance.randrange(len(text))
        piece = chance.choice(
            ["", text[start:end] * 2, text[other : other + 20], chance.choice(WORDS), "{", "}"]
        )
        text = text[:start] + piece + text[end:]
    return text
