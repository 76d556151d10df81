import pytest

from forkproxy.config.address import Family
from forkproxy.config.directives.listen import DEFAULT_BACKLOG, default_listen
from tests.support.configuration import errors, hints, level, warnings


def listen(text):
    (line,) = level("server", f"listen {text};").own("listen")
    return line.value


@pytest.mark.parametrize(
    ("text", "family", "host", "port", "shown"),
    [
        ("80", Family.INET, "", 80, "0.0.0.0:80"),
        ("*:81", Family.INET, "", 81, "0.0.0.0:81"),
        ("127.0.0.1", Family.INET, "127.0.0.1", 80, "127.0.0.1:80"),
        ("[::]:80", Family.INET6, "::", 80, "[::]:80"),
        ("localhost:82", Family.NAME, "localhost", 82, "localhost:82"),
    ],
)
def test_the_forms_of_an_address(text, family, host, port, shown):
    (found,) = listen(text)
    assert (found.family, found.host, found.port, found.text) == (family, host, port, shown)


def test_a_unix_socket():
    (found,) = listen("unix:/run/a.sock")
    assert (found.family, found.path, found.text) == (
        Family.UNIX,
        "/run/a.sock",
        "unix:/run/a.sock",
    )


def test_a_range_of_ports_is_as_many_addresses():
    assert [found.text for found in listen("127.0.0.1:80-82 backlog=3")] == [
        "127.0.0.1:80",
        "127.0.0.1:81",
        "127.0.0.1:82",
    ]
    assert [found.port for found in listen("80-81")] == [80, 81]


def test_the_options_of_the_socket():
    (found,) = listen(
        "80 default_server bind backlog=5 rcvbuf=8k sndbuf=16k fastopen=3 deferred reuseport"
    )
    assert (found.default_server, found.bind, found.deferred, found.reuseport) == (True,) * 4
    assert (found.backlog, found.rcvbuf, found.sndbuf, found.fastopen) == (5, 8192, 16384, 3)
    assert found.explicit


def test_without_options_the_socket_is_as_nginx_makes_it():
    (found,) = listen("80")
    assert (found.backlog, found.ipv6only, found.explicit) == (DEFAULT_BACKLOG, True, False)
    assert found.so_keepalive is None


def test_ipv6_addresses_take_no_ipv4_unless_told():
    assert listen("[::]:80 ipv6only=off")[0].ipv6only is False


@pytest.mark.parametrize(
    ("text", "on", "probes"),
    [
        ("on", True, (0, 0, 0)),
        ("off", False, (0, 0, 0)),
        ("30m::10", True, (1800, 0, 10)),
        (":5s:", True, (0, 5, 0)),
    ],
)
def test_keep_alive_of_tcp(text, on, probes):
    (found,) = listen(f"80 so_keepalive={text}")
    assert (found.so_keepalive, found.keepalive_probes) == (on, probes)


def test_http2_is_taken_with_nginx_s_warning():
    (found,) = listen("80 http2")
    assert found.http2
    (message,) = warnings("server", "listen 80 http2;")
    assert message.startswith('the "listen ... http2" directive is deprecated')


@pytest.mark.parametrize("option", ["quic", "setfib=1"])
def test_what_is_not_built_is_refused_by_name(option):
    (message,) = errors("server", f"listen 80 {option};")
    assert "is not supported by this version of forkproxy" in message
    assert hints("server", f"listen 80 {option};") != [""]


def test_one_server_names_an_address_once():
    assert errors("server", "listen 80; listen *:80;") == ["a duplicate listen 0.0.0.0:80"]


def test_the_address_of_who_names_none():
    assert default_listen(8000).text == "0.0.0.0:8000"
    assert default_listen(8000).implied
