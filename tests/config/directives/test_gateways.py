import pytest

from forkproxy.config.address import Family
from forkproxy.config.directives.gateways import Param
from forkproxy.config.template import Var
from tests.support.configuration import errors, hints, level


@pytest.mark.parametrize("name", ["fastcgi_pass", "scgi_pass", "uwsgi_pass"])
def test_where_requests_go(name):
    def passed(address):
        return level("location", f"{name} {address};").value(name).target

    assert passed("127.0.0.1:9000").port == 9000
    assert passed("unix:/run/app.sock").path == "/run/app.sock"
    assert passed("app:9000").family is Family.NAME
    assert passed("$host:9000") is None


def test_uwsgi_takes_its_own_schemes():
    assert not level("location", "uwsgi_pass uwsgi://a:1;").value("uwsgi_pass").secure
    assert level("location", "uwsgi_pass suwsgi://a:1;").value("uwsgi_pass").secure
    assert len(errors("location", "uwsgi_pass http://a:1;")) == 1


def test_a_socket_may_have_more_slashes_than_it_needs():
    scope = level("location", "uwsgi_pass unix:///tmp/uwsgi.sock;")
    assert scope.value("uwsgi_pass").target.path == "///tmp/uwsgi.sock"


def test_an_address_has_no_scheme_and_no_path():
    assert len(errors("location", "fastcgi_pass http://a:1;")) == 1
    assert hints("location", "fastcgi_pass http://a:1;") == [
        "the address alone, without scheme and path"
    ]
    assert len(errors("location", "scgi_pass a:1/x;")) == 1


def test_params():
    scope = level("http", "fastcgi_param A $uri; fastcgi_param B '' if_not_empty;")
    assert [line.value for line in scope.lines("fastcgi_param")] == [
        Param("A", (Var("uri"),)),
        Param("B", (), True),
    ]
    assert errors("http", "fastcgi_param A b c;") != []


def test_a_path_is_cut_by_two_captures():
    assert errors("location", "fastcgi_split_path_info ^(.+)$;") == [
        'pattern "^(.+)$" must have 2 captures'
    ]


@pytest.mark.parametrize("value", ["-1", "256", "x"])
def test_modifiers_are_octets(value):
    assert errors("http", f"uwsgi_modifier1 {value};") != []


@pytest.mark.parametrize("family", ["fastcgi", "scgi", "uwsgi"])
def test_what_proxy_pass_has_in_common_is_there(family):
    text = f"{family}_read_timeout 1s; {family}_cache off; {family}_buffers 4 8k;"
    assert errors("http", text) == []
    assert errors("http", f"{family}_read_timeout x;") != []


def test_only_uwsgi_speaks_tls():
    assert errors("http", "uwsgi_ssl_verify on;") == []
    assert errors("http", "scgi_ssl_verify on;") != []
