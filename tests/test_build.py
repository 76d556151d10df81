"""A checked configuration to a generation: what is in it, and what may be wrong outside it."""

import os
import stat

import pytest

from forkproxy.build import build
from forkproxy.config.load import load_text
from forkproxy.errors import ConfigError
from forkproxy.shared.logfile import files
from tests.support.client import ask, get, request
from tests.support.inside import Inside

UNPRIVILEGED = os.geteuid() != 0


@pytest.fixture
def load(tmp_path):
    """Return a function that builds a configuration; what it opened is closed at the end."""
    made = []

    def build_text(http="", main=""):
        text = f"{main} events {{}} http {{ access_log off; {http} }}"
        made.append(build(load_text(text, prefix=str(tmp_path)), number=len(made) + 1))
        return made[-1]

    (tmp_path / "logs").mkdir()
    yield build_text
    for generation in made:
        generation.close()


def server(text, listen="127.0.0.1:1"):
    return f"server {{ listen {listen}; {text} }}"


def test_a_generation_has_its_number_and_its_listeners(load):
    assert load(server("return 204;")).number == 1
    generation = load(server("return 204;") + server("return 204;", "127.0.0.1:2"))
    assert generation.number == 2
    assert [listen.text for listen in generation.listens] == ["127.0.0.1:1", "127.0.0.1:2"]
    assert generation.names.keys() == {"127.0.0.1:1", "127.0.0.1:2"}


def test_a_configuration_may_listen_to_nothing(tmp_path):
    generation = build(load_text("events {}", prefix=str(tmp_path)))
    assert (generation.listens, generation.names) == ((), {})
    generation.close()


def test_peers_are_named_by_upstream_and_address(load):
    generation = load(
        "upstream u { server 127.0.0.1:1; server 127.0.0.1:2 backup; }"
        + server("location / { proxy_pass http://u; } location /x { proxy_pass http://[::1]:3; }")
    )
    assert generation.peers == ("u/127.0.0.1:1", "u/127.0.0.1:2", "[::1]:3/[::1]:3")


def test_one_address_is_one_upstream_however_often_it_is_named(load):
    location = "location /{} {{ proxy_pass http://127.0.0.1:3; }}"
    generation = load(server(location.format("a") + location.format("b")))
    assert len(generation.upstreams) == 1


def test_one_log_is_one_file_and_is_closed_with_the_generation(load, tmp_path):
    line = f"access_log {tmp_path}/one.log;"
    generation = load(server(line) + server(line, "127.0.0.1:2"))
    opened = [log for log in generation.logs if log.path.endswith("one.log")]
    assert len(set(map(id, opened))) == 1
    other = load(server(line))
    generation.close()
    generation.close()
    found = files.open(f"{tmp_path}/one.log")
    assert found is opened[0]
    files.close(found)
    other.close()


@pytest.mark.parametrize(
    "line",
    ["access_log %s/none/x.log;", "error_log %s/none/x.log;"],
)
def test_a_log_that_cannot_be_opened_is_an_error(load, tmp_path, line):
    with pytest.raises(ConfigError, match="No such file or directory"):
        load(server(line % tmp_path))


def test_a_temporary_folder_that_cannot_be_made_is_an_error(load, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"mkdir\(\) \".*file/x\" failed"):
        load(server(f"client_body_temp_path {tmp_path}/file/x;"))


def test_temporary_folders_are_made_and_private(load, tmp_path):
    load(server(f"location / {{ client_body_temp_path {tmp_path}/a/b 1 2; }}"))
    assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "client_body_temp").stat().st_mode) == 0o700


@pytest.mark.skipif(not UNPRIVILEGED, reason="root may write everywhere")
def test_where_the_prefix_is_not_ours_the_systems_folder_does(load, tmp_path):
    tmp_path.chmod(0o500)
    try:
        load(server("return 204;", "127.0.0.1:1"))
    finally:
        tmp_path.chmod(0o700)


def test_what_outlives_a_restart_has_a_private_folder(load, tmp_path):
    generation = load(server("return 204;"))
    assert generation.state_path == f"{tmp_path}/forkproxy.state"
    assert stat.S_IMODE((tmp_path / "forkproxy.state").stat().st_mode) == 0o700


def test_workers_and_multi_accept_are_those_of_the_configuration(tmp_path):
    text = "worker_processes 3; events { multi_accept on; }"
    generation = build(load_text(text, prefix=str(tmp_path)))
    assert (generation.workers, generation.multi_accept) == (3, True)
    generation.close()


SITES = """
    server { listen %PORT%; server_name first; return 200 first; }
    server { listen %PORT% default_server; server_name _; return 200 default; }
    server { listen %PORT%; server_name exact.example *.wild.example; return 200 exact; }
    server { listen %PORT%; server_name .bare.example; return 200 bare; }
    server { listen %PORT%; server_name front.*; return 200 front; }
    server { listen %PORT%; server_name ~^(?<who>.)\\.re$; return 200 re-$who; }
    server { listen %PORT2%; server_name first; return 200 other; }
"""


@pytest.fixture(scope="module")
def sites():
    with Inside(SITES) as inside:
        yield inside


@pytest.mark.parametrize(
    ("host", "body"),
    [
        (b"first", b"first"),
        (b"FIRST.", b"first"),
        (b"unknown", b"default"),
        (b"exact.example:81", b"exact"),
        (b"a.b.wild.example", b"exact"),
        (b"wild.example", b"default"),
        (b"bare.example", b"bare"),
        (b"a.bare.example", b"bare"),
        (b"front.example", b"front"),
        (b"x.re", b"re-x"),
    ],
)
def test_the_name_chooses_the_server(sites, host, body):
    assert ask(sites.address, request(b"GET", b"/", host=host)).body == body


def test_the_address_chooses_first(sites):
    assert ask(sites.word("PORT2"), request(b"GET", b"/", host=b"exact.example")).body == b"other"


NESTED = """
    location /a/ {
        add_header X outer;
        location /a/b/ { return 200 nested; }
        location ~ x$ { return 200 regex; }
        return 200 outer;
    }
    location ^~ /s/ { return 200 caret; }
    location ~ \\.x$ { return 200 dot-x; }
"""


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (b"/a/", b"outer"),
        (b"/a/b/", b"nested"),
        (b"/a/x", b"regex"),
        (b"/s/a.x", b"caret"),
        (b"/q.x", b"dot-x"),
    ],
)
def test_locations_are_nested(target, body):
    with Inside(NESTED) as inside:
        answer = get(inside.address, target)
        assert answer.body == body


@pytest.mark.parametrize(("tokens", "shown"), [("on", r"forkproxy/"), ("off", "forkproxy")])
def test_the_servers_signature(tokens, shown):
    with Inside(f"server_tokens {tokens}; return 404;") as inside:
        answer = get(inside.address)
    assert answer.get(b"server").decode().startswith(shown)
    assert (b"/" in answer.get(b"server")) == (tokens == "on")


def test_the_keep_alive_field_is_the_second_value():
    with Inside("keepalive_timeout 10 7; return 204;") as inside:
        assert get(inside.address).get(b"keep-alive") == b"timeout=7"
