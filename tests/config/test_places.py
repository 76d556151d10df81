from forkproxy.config.load import load_text
from forkproxy.config.places import node_of, scopes_within

TEXT = """
events {}
http {
    server { location / { if ($a) { } location /b { } } }
    upstream u { server 127.0.0.1; }
}
"""


def test_the_levels_of_requests_are_visited_from_the_outside_to_the_inside():
    http = load_text(TEXT.replace("$a", "$arg_a")).http
    kinds = [scope.kind for scope in scopes_within(http)]
    assert kinds == ["http", "server", "location", "if", "location"]


def test_a_block_and_a_line_know_where_they_were_read():
    http = load_text(TEXT.replace("$a", "$arg_a")).http
    (upstream,) = http.blocks("upstream")
    assert node_of(upstream).name == "upstream"
    assert node_of(upstream.own("server")[0]).line == node_of(upstream).line
