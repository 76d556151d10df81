import pytest

from tests.support.configuration import errors, hints


def test_one_name_is_one_upstream():
    text = "upstream a { server b; } upstream a { server b; }"
    assert errors("http", text) == ['duplicate upstream "a"']


def test_an_upstream_has_servers():
    assert errors("http", "upstream a { }") == ["no servers are inside upstream"]


def test_an_upstream_has_servers_that_are_no_backups():
    text = "upstream a { server 127.0.0.1 backup; }"
    assert errors("http", text) == ['no servers in upstream "a"']


def test_an_upstream_whose_servers_are_wrong_is_not_called_empty():
    assert errors("http", "upstream a { server 127.0.0.1:x; }") == [
        'invalid port in upstream "127.0.0.1:x"'
    ]
    assert errors("http", "upstream a { sever 127.0.0.1; }") == ['unknown directive "sever"']


def test_an_upstream_in_a_url_has_no_port_wherever_it_is_defined():
    location = "server { location / { proxy_pass http://api:80; } }"
    upstream = "upstream api { server 127.0.0.1; }"
    for text in (location + upstream, upstream + location):
        assert errors("http", text) == ['upstream "api" may not have port 80']


def test_a_state_file_has_the_servers_and_wants_a_zone():
    assert errors("http", "upstream a { zone a 64k; state a.conf; }") == []
    assert errors("http", "upstream a { state a.conf; }") == ['"state" directive requires "zone"']
    assert errors("http", "upstream a { zone a 64k; state a.conf; server 10.0.0.1; }") == [
        '"server" directive is not allowed with "state"'
    ]


def test_an_application_has_a_port_or_is_an_upstream():
    text = "server { location / { fastcgi_pass app; } }"
    assert errors("http", text) == ['no port in upstream "app"']
    assert hints("http", text) == ["write fastcgi_pass app:PORT, or an upstream block of that name"]
    assert errors("http", text + "upstream app { server 127.0.0.1:9000; }") == []


@pytest.mark.parametrize("passed", ["unix:/run/app.sock", "127.0.0.1:9000", "$host:9000"])
def test_an_application_that_is_an_address_needs_no_upstream(passed):
    assert errors("location", f"scgi_pass {passed};") == []


@pytest.mark.parametrize("beside", ["", "proxy_pass http://$host;", "fastcgi_pass 127.0.0.1:1;"])
def test_a_health_check_needs_to_know_whom_to_ask(beside):
    assert errors("location", f"health_check; {beside}") == [
        '"health_check" needs a "proxy_pass" without variables'
    ]


def test_a_health_check_names_a_match_that_is_there():
    server = "server { location / { proxy_pass http://127.0.0.1:1; health_check match=good; } }"
    assert errors("http", server) == ['unknown match "good"']
    assert errors("http", server + "match good { status 200; }") == []
