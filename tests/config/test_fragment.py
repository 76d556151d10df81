import pytest

from forkproxy.config.load import load, load_text
from forkproxy.config.problems import Severity
from tests.support.configuration import problems


def server_of(text):
    (server,) = load_text(text).http.blocks("server")
    return server


def listens(server):
    return [line.words[0] for line in server.own("listen")]


def test_the_server_of_any_tutorial_is_a_configuration():
    server = server_of(
        "server { listen 80; server_name x; location / { proxy_pass http://localhost:3000; } }"
    )
    assert listens(server) == ["80"]
    assert server.blocks("location")[0].value("proxy_pass").proxy_host == "localhost:3000"


def test_an_upstream_beside_a_server_stays_beside_it():
    http = load_text("upstream u { server 127.0.0.1; } server { listen 80; }").http
    assert [block.kind for block in http.blocks()] == ["upstream", "server"]


def test_directives_of_the_main_context_stay_there():
    config = load_text("worker_processes 3; error_log stderr; server { listen 80; }")
    assert config.main.value("worker_processes") == 3
    assert config.main.given("error_log") is not None


def test_bare_locations_get_a_server():
    server = server_of("location / { return 200; } location /a { return 404; }")
    assert listens(server) == ["8080"]
    assert len(server.blocks("location")) == 2


def test_a_listen_of_ones_own_is_kept():
    assert listens(server_of("listen 9000; location / { return 200; }")) == ["9000"]


def test_what_belongs_into_a_location_gets_one():
    server = server_of("proxy_pass http://127.0.0.1:3000; proxy_set_header Host $host;")
    (location,) = server.blocks("location")
    assert location.words == ("/",)
    assert location.given("proxy_pass") is not None
    assert [line.value.name for line in location.lines("proxy_set_header")] == ["Host"]


def test_a_return_needs_no_location():
    assert server_of('return 200 "hello";').own("return")


def test_one_notice_says_so():
    (notice,) = load_text("server { listen 80; }").notices
    assert notice.severity is Severity.NOTICE
    assert notice.message == "no http block: this is a fragment, read as if it stood in one"


def test_a_fragment_may_come_through_an_include(tmp_path):
    (tmp_path / "site.conf").write_text("server { listen 80; }")
    (tmp_path / "main.conf").write_text("include site.conf;")
    assert load(str(tmp_path / "main.conf")).http.blocks("server")


@pytest.mark.parametrize(
    "text", ["events { } server { listen 80; }", "http { } server { listen 80; }"]
)
def test_a_configuration_with_blocks_of_its_own_is_no_fragment(text):
    assert problems(text)[0].message == '"server" directive is not allowed here'


def test_a_misspelt_name_makes_no_fragment():
    assert problems("srever { }")[0].message == 'unknown directive "srever"'


def test_errors_in_a_fragment_are_in_their_own_lines():
    (problem,) = problems("server {\n listen x:y;\n}")
    assert (problem.at.line, problem.line) == (2, 2)
