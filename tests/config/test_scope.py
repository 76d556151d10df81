import pytest

from forkproxy.config.directives import TABLE
from forkproxy.config.row import Inherit
from tests.support.configuration import level

HTTP = """
    proxy_read_timeout 5s;
    add_header X-A 1;
    add_header X-B 2;
    root /http;
    upstream u { server 127.0.0.1; }
    server {
        server_name a b;
        listen 8080;
        return 301 /x;
        location /inherits { }
        location /own {
            proxy_read_timeout 7s;
            add_header X-C 3;
            alias /own;
            proxy_pass http://u;
            location /own/inner { }
            if ($host) { add_header X-D 4; }
        }
    }
"""


@pytest.fixture
def http():
    return level("http", HTTP)


@pytest.fixture
def locations(http):
    (server,) = http.blocks("server")
    return server.blocks("location")


def test_the_nearest_level_that_gives_a_value_wins(locations):
    inherits, own = locations
    assert inherits.value("proxy_read_timeout") == 5
    assert own.value("proxy_read_timeout") == 7
    assert own.blocks("location")[0].value("proxy_read_timeout") == 7


def test_a_value_that_nobody_gives_is_the_default(locations):
    assert locations[0].value("proxy_send_timeout") == 60
    assert locations[0].given("proxy_send_timeout") is None


def test_a_list_is_inherited_whole_or_replaced_whole(locations):
    inherits, own = locations
    names = [
        [line.value.name for line in scope.lines("add_header")]
        for scope in (inherits, own, own.blocks("location")[0], own.blocks("if")[0])
    ]
    assert names == [["X-A", "X-B"], ["X-C"], ["X-C"], ["X-D"]]


def test_what_acts_at_its_own_level_is_not_inherited(locations):
    inherits, own = locations
    assert inherits.given("return") is None
    assert inherits.given("proxy_pass") is None
    assert own.blocks("location")[0].given("proxy_pass") is None


def test_an_if_goes_on_with_the_handler_of_its_location(locations):
    assert locations[1].blocks("if")[0].given("proxy_pass").value.proxy_host == "u"


def test_what_belongs_to_the_server_is_seen_in_its_locations(locations):
    assert [name.text for name in locations[0].value("server_name")] == ["a", "b"]


def test_the_nearest_of_two_names(locations):
    inherits, own = locations
    assert inherits.nearest("root", "alias").name == "root"
    assert own.nearest("root", "alias").name == "alias"
    assert own.nearest("return").level.kind == "server"
    assert own.nearest("internal") is None


def test_one_name_means_two_things_in_two_places():
    http = level("http", "keepalive_timeout 5s; upstream u { server 127.0.0.1; }")
    assert http.value("keepalive_timeout").timeout == 5
    assert http.blocks("upstream")[0].value("keepalive_timeout") == 60


def test_a_default_may_hang_on_other_directives():
    assert level("http", "").value("proxy_busy_buffers_size") == 8192
    assert level("http", "proxy_buffers 8 16k;").value("proxy_busy_buffers_size") == 32768


def test_the_modern_profile_has_other_defaults():
    text = "forkproxy_profile {}; events {{}} http {{ }}"
    for profile, expected in (("nginx", "on"), ("modern", "off")):
        (http,) = level("main", text.format(profile)).blocks("http")
        assert http.value("server_tokens") == expected


def test_statements_come_in_file_order(locations):
    kinds = [getattr(one, "name", None) or one.kind for one in locations[1].statements()]
    assert kinds == ["proxy_read_timeout", "add_header", "alias", "proxy_pass", "location", "if"]


def test_a_level_knows_those_around_it(http, locations):
    inner = locations[1].blocks("location")[0]
    assert inner.enclosing("http") is http
    assert [scope.kind for scope in inner.levels()] == [
        "location",
        "location",
        "server",
        "http",
        "main",
    ]
    assert inner.words == ("/own/inner",)
    assert (inner.at.line, inner.at.column) == (20, 13)


def test_a_name_that_no_directive_has_is_a_mistake_of_ours(http):
    with pytest.raises(KeyError):
        http.value("no_such_directive")


def test_words_of_several_lines_of_one_level_add_up():
    text = "proxy_next_upstream error; proxy_next_upstream http_502;"
    assert level("http", text).value("proxy_next_upstream") == {"error", "http_502"}


def test_an_outer_line_adds_nothing_to_an_inner_one():
    http = level("http", "proxy_next_upstream error; server { proxy_next_upstream http_502; }")
    assert http.blocks("server")[0].value("proxy_next_upstream") == {"http_502"}


# Of nginx's classes, what a reverse proxy's configuration leans on most.
CLASSES = {
    Inherit.REPLACED: """
        add_header proxy_set_header proxy_hide_header proxy_pass_header proxy_redirect access_log
        error_log error_page index
    """,
    Inherit.HERE: "return rewrite set break try_files proxy_pass",
    Inherit.SERVER: "listen server_name",
    Inherit.NEAREST: """
        proxy_read_timeout proxy_buffering client_max_body_size keepalive_timeout root alias types
        default_type internal send_timeout proxy_next_upstream proxy_method
    """,
}


@pytest.mark.parametrize(
    ("name", "inherit"),
    [(name, inherit) for inherit, names in CLASSES.items() for name in names.split()],
)
def test_the_class_of_a_directive_is_nginxs(name, inherit):
    rows = [row for row in TABLE[name] if "upstream" not in row.contexts]
    assert {row.inherit for row in rows} == {inherit}


def test_a_level_tells_whether_it_gives_any_of_some():
    made = level("http", "charset utf-8; server { root /; }")
    assert made.owns_any(frozenset(("charset", "root")))
    assert not made.owns_any(frozenset(("root",)))


def test_what_is_handed_down_is_the_same_when_it_is_asked_for_again(http):
    asked = ("proxy_read_timeout", "proxy_send_timeout", "add_header", "root", "gzip_types")

    def said(scope):
        inner = [said(block) for block in scope.blocks("server", "location", "if")]
        values = [scope.value(name) for name in asked[:2]]
        return values, [len(scope.lines(name)) for name in asked], inner

    first = said(http)
    assert said(http) == first
    assert first[0] == [5, 60]


def test_the_default_of_one_place_is_not_that_of_another():
    first, second = level(
        "http",
        """
        server { listen 1; location / { proxy_preset modern; } }
        server { listen 2; location / { } }
        """,
    ).blocks("server")
    preset, usual = first.blocks("location") + second.blocks("location")
    assert preset.value("proxy_ssl_verify")
    assert not usual.value("proxy_ssl_verify")


def test_what_one_server_says_is_not_handed_to_the_locations_of_another():
    made = level(
        "http",
        """
        proxy_read_timeout 5s;
        server { listen 1; location / { } }
        server { listen 2; proxy_read_timeout 7s; add_header X 1; location / { } }
        server { listen 3; location / { location /inner { } } }
        """,
    )
    found = [block.blocks("location")[0] for block in made.blocks("server")]
    found += found[-1].blocks("location")
    for _ in range(2):
        assert [one.value("proxy_read_timeout") for one in found] == [5, 7, 5, 5]
        assert [len(one.lines("add_header")) for one in found] == [0, 1, 0, 0]


def test_what_acts_at_its_own_level_alone_is_not_that_of_a_level_within():
    (server,) = level(
        "http", "server { location / { proxy_pass http://127.0.0.1; location /in { } } }"
    ).blocks("server")
    (outer,) = server.blocks("location")
    (inner,) = outer.blocks("location")
    for _ in range(2):
        assert outer.value("proxy_pass") is not None
        assert inner.value("proxy_pass") is None


def test_an_if_has_the_handler_of_its_own_location_and_not_of_one_further_out():
    http = level(
        "http",
        "server { location /a { proxy_pass http://b/; if ($arg_x) { } "
        "location /a/b { if ($arg_x) { } } } }",
    )
    (outer,) = http.blocks("server")[0].blocks("location")
    (inner,) = outer.blocks("location")
    for _ in range(2):
        assert outer.blocks("if")[0].value("proxy_pass") is not None
        assert inner.blocks("if")[0].value("proxy_pass") is None
