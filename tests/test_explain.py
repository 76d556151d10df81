"""What would happen to a request, beside what happens to it."""

import pytest

from forkproxy.config.load import load_text
from forkproxy.errors import ConfigError
from forkproxy.explain import Question, explain
from tests.support.client import get
from tests.support.inside import proxying

CONF = r"""
events { }
http {
    map $arg_m $mapped { default D; a A; }
    upstream u { server 127.0.0.1:81; server 127.0.0.1:82 backup; }
    add_header X-H 1;
    server {
        listen 8080;
        server_name a.example *.b.example;
        rewrite ^/old/(.*)$ /new/$1;
        location /new/ {
            set $x $mapped;
            if ($arg_q) { add_header X-Q $x; }
            proxy_set_header X-M $x;
            client_max_body_size 3m;
            proxy_pass http://u/base/;
        }
        location / { root /nowhere; error_page 404 @gone; }
        location @gone { return 302 /; }
    }
    server { listen 8080; server_name c.example ~^a; return 444; }
    server { listen 127.0.0.1:8081; location / { return 200 "$remote_addr|$scheme|$http_x_a"; } }
}
"""


@pytest.fixture(scope="module")
def config():
    return load_text(CONF)


def asked(config, url, *fields, method="GET", **rest):
    return explain(config, Question(method, url, fields, **rest))


def steps(found):
    return [step["text"] for step in found["steps"] if "text" in step]


def test_the_server_is_named_with_the_reason(config):
    server = asked(config, "http://x.b.example:8080/")["server"]
    assert (server["line"], server["why"]) == (7, "a name of it fits")
    assert [(other["line"], other["why_not"]) for other in server["others"]] == [
        (21, "no name of it fits")
    ]


def test_a_server_that_would_fit_too_is_told_apart(config):
    (other,) = asked(config, "http://a.example:8080/")["server"]["others"]
    assert other["why_not"] == "it fits too, but comes later or is less exact"


def test_the_default_server_is_one_because_no_name_fits(config):
    server = asked(config, "http://nobody.example:8080/")["server"]
    assert server["why"] == "no name fits, and it is the default of the address"


def test_each_rewrite_says_what_it_did_and_where_it_stands(config):
    found = asked(config, "http://a.example:8080/old/x?m=a")
    first = found["steps"][0]
    assert (first["text"], first["line"], first["uri"]) == (
        r"rewrite ^/old/(.*)$ /new/$1",
        10,
        "/new/x?m=a",
    )
    assert found["steps"][1]["enters"]["text"] == "location /new/"


def test_variables_have_the_values_they_came_to(config):
    assert asked(config, "http://a.example:8080/new/?m=a")["variables"] == {
        "$mapped": "A",
        "$x": "A",
    }
    assert asked(config, "http://a.example:8080/new/")["variables"]["$x"] == "D"


@pytest.mark.parametrize(("query", "holds", "name"), [("q=1", True, "X-Q"), ("", False, "X-H")])
def test_an_if_holds_or_does_not_and_its_headers_follow(config, query, holds, name):
    found = asked(config, f"http://a.example:8080/new/?{query}")
    (condition,) = (step for step in found["steps"] if step.get("text", "").startswith("if"))
    assert condition["holds"] is holds
    assert [one["name"] for one in found["response"]["fields"]] == [name]
    assert found["response"]["fields"][0]["by"]["line"] == (13 if holds else 6)


def test_the_upstream_its_target_and_the_fields_that_it_gets(config):
    found = asked(config, "http://a.example:8080/new/y?z", ("X-A", "1"))
    upstream = found["upstream"]
    assert upstream["name"] == "u"
    assert upstream["target"] == "/base/y?z"
    assert upstream["peers"] == ["127.0.0.1:81", "127.0.0.1:82"]
    assert (upstream["by"]["line"], upstream["upstream"]["line"]) == (16, 5)
    lines = {one["name"]: one.get("by", {}).get("line") for one in found["request_fields"]}
    assert lines == {"X-M": 14, "Host": None, "X-A": None}
    assert found["response"]["status"] == "the upstream's"


def test_limits_that_hold_are_listed(config):
    (line,) = asked(config, "http://a.example:8080/new/")["limits"]
    assert (line["text"], line["line"]) == ("client_max_body_size 3m", 15)


def test_files_are_really_looked_for_and_error_pages_followed(config):
    found = asked(config, "http://a.example:8080/none")
    assert found["location"]["text"] == "location @gone"
    assert found["location"]["internal"]
    assert found["response"]["status"] == 302
    assert "No such file" in found["log"][0]


def test_444_is_no_answer(config):
    assert asked(config, "http://c.example:8080/")["response"]["status"].startswith("none")


def test_a_request_that_is_refused_is_refused(config):
    assert asked(config, "http://a.example:8080/%zz")["answer"]["status"] == 400


def test_the_clients_address_and_fields_count(config):
    found = asked(config, "http://x:8081/", ("X-A", "a"), address="10.1.2.3")
    assert found["response"]["status"] == 200
    assert found["request"]["from"] == "10.1.2.3"


def test_a_path_alone_comes_to_the_first_listener(config):
    assert asked(config, "/x")["listener"]["address"] == "0.0.0.0:8080"


@pytest.mark.parametrize("listener", ["127.0.0.1:8081", "8081"])
def test_the_listener_may_be_named(config, listener):
    found = asked(config, "http://x/", listener=listener)
    assert found["listener"]["address"] == "127.0.0.1:8081"
    assert found["server"]["why"] == "it is the only one on the address"


@pytest.mark.parametrize(
    ("url", "listener"),
    [("http://x:9/", ""), ("http://x/", "9999"), ("ftp://x/", ""), ("http://[/", "")],
)
def test_a_question_that_makes_no_sense_is_an_error(config, url, listener):
    with pytest.raises(ConfigError):
        asked(config, url, listener=listener)


def test_nothing_is_opened_or_made(tmp_path):
    text = "server { listen 8080; access_log logs/a.log; location / { root /; } }"
    asked(load_text(text, prefix=str(tmp_path)), "/")
    assert list(tmp_path.iterdir()) == []


TARGETS = [b"/new/a%20b?m=a", b"/old/x", b"/old/a?b=c", b"/new//x/../y"]


@pytest.mark.parametrize("target", TARGETS)
def test_an_upstream_really_gets_what_is_explained(target):
    server = r"""
        rewrite ^/old/(.*)$ /new/$1;
        location /new/ { proxy_set_header X-M $arg_m; proxy_pass http://%ORIGIN%/base/; }
    """
    with proxying(None, server) as inside:
        get(inside.address, target)
        really = inside.origin.last
        config = inside.generation.config
    found = asked(config, f"http://{inside.address}{target.decode()}", ("Host", "localhost"))
    assert found["upstream"]["target"].encode() == really.target
    names = [one["name"].lower().encode() for one in found["request_fields"]]
    assert sorted(names) == sorted(name.lower() for name, _ in really.fields)


def test_a_preset_is_to_blame_for_its_fields_and_its_variables_stay_its_own():
    text = """
        server {
            listen 80;
            proxy_preset modern;
            location / { proxy_set_header Host own; proxy_pass http://127.0.0.1:1; }
        }
    """
    found = asked(load_text(text), "/")
    lines = {one["name"]: one["by"]["text"] for one in found["request_fields"]}
    assert lines["Host"] == "proxy_set_header Host own"
    assert lines["X-Real-IP"] == "proxy_preset modern"
    assert "variables" not in found


def test_the_key_of_the_cache_is_told_with_its_zone(tmp_path):
    text = f"""
        proxy_cache_path {tmp_path}/cache keys_zone=one:1m;
        server {{
            listen 80;
            proxy_cache one;
            location / {{ proxy_cache_key $host$uri; proxy_pass http://127.0.0.1:1; }}
        }}
    """
    found = asked(load_text(text), "http://a/x?y")
    assert (found["cache"]["text"], found["cache"]["key"]) == ("proxy_cache one", "a/x")
    assert found["response"]["status"] == "the upstream's"
    assert list(tmp_path.iterdir()) == []


GUARDED = """
events { }
http {
    server {
        listen 8080;
        location /some { allow 10.0.0.0/8; deny all; return 200; root /nowhere; }
        location /files { allow 10.0.0.0/8; deny all; root %s; }
        location /any {
            satisfy any; auth_delay 30s; deny all; root %s;
            auth_basic closed; auth_basic_user_file %s/users;
        }
        location /get { limit_except GET { deny all; } root %s; }
    }
}
"""
KNOWN = ("Authorization", "Basic dTpw")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "users").write_text("u:{PLAIN}p\n")
    for name in ("files", "any", "get"):
        (folder / name).write_text(name)
    return load_text(GUARDED.replace("%s", str(folder)))


@pytest.mark.parametrize(
    ("target", "address", "fields", "status"),
    [
        ("/files", "10.1.2.3", (), 200),
        ("/files", "192.0.2.1", (), 403),
        ("/any", "192.0.2.1", (), 401),
        ("/any", "192.0.2.1", (KNOWN,), 200),
    ],
)
def test_who_may_come_in_is_really_asked(guarded, target, address, fields, status):
    found = asked(guarded, f"http://x:8080{target}", *fields, address=address)
    assert found["response"]["status"] == status
    step = next(step for step in found["steps"] if step.get("phase") == "access")
    assert step.get("asked", True)
    assert step.get("answer", 200) == status


def test_methods_that_are_not_allowed_are_refused(guarded):
    assert asked(guarded, "http://x:8080/get")["response"]["status"] == 200
    assert asked(guarded, "http://x:8080/get", method="PUT")["response"]["status"] == 403
