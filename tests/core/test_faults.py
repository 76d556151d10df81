"""Our own answers: nginx's pages, and when the connection ends with them."""

import pytest

from forkproxy import __version__
from tests.support.client import Client, ask, get, request
from tests.support.inside import Inside


def page(title, heading=None, more=b"", signature=b"forkproxy"):
    """The page as nginx lays it out."""
    return (
        b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n"
        b"%s<hr><center>%s</center>\r\n</body>\r\n</html>\r\n"
    ) % (title, heading or title, more, signature)


def answer(text, target=b"/", *fields):
    with Inside(text) as server:
        return get(server.address, target, *fields)


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (301, b"301 Moved Permanently"),
        (302, b"302 Found"),
        (400, b"400 Bad Request"),
        (401, b"401 Authorization Required"),
        (403, b"403 Forbidden"),
        (404, b"404 Not Found"),
        (405, b"405 Not Allowed"),
        (413, b"413 Request Entity Too Large"),
        (429, b"429 Too Many Requests"),
        (500, b"500 Internal Server Error"),
        (502, b"502 Bad Gateway"),
        (503, b"503 Service Temporarily Unavailable"),
        (504, b"504 Gateway Time-out"),
    ],
)
def test_a_status_has_nginxs_page(status, title):
    response = answer(f"server_tokens off; return {status};")
    assert response.status == status
    assert response.get(b"content-type") == b"text/html"
    assert response.body == page(title)


def test_the_page_names_the_version_unless_server_tokens_is_off():
    signature = f"forkproxy/{__version__}".encode()
    assert answer("return 404;").body == page(b"404 Not Found", signature=signature)


@pytest.mark.parametrize("status", [201, 204, 304])
def test_a_status_that_is_no_error_has_no_page(status):
    assert answer(f"return {status};").body == b""


def test_a_request_line_that_is_too_long_is_a_414():
    with Inside("large_client_header_buffers 2 1k; return 200;") as server:
        assert get(server.address, b"/" + b"x" * 2000).status == 414


def test_fields_that_are_too_large_are_a_400_that_says_so():
    conf = "server_tokens off; large_client_header_buffers 2 1k; return 200;"
    response = answer(conf, b"/", b"X: " + b"x" * 2000)
    assert response.status == 400
    reason = b"Request Header Or Cookie Too Large"
    more = b"<center>" + reason + b"</center>\r\n"
    assert response.body == page(b"400 " + reason, b"400 Bad Request", more)


@pytest.mark.parametrize("status", [400, 413, 414, 500, 501])
def test_some_errors_end_the_connection(status):
    assert answer(f"return {status};").get(b"connection") == b"close"


@pytest.mark.parametrize("status", [301, 403, 404, 502, 503])
def test_other_errors_leave_it_open(status):
    assert answer(f"return {status};").get(b"connection") == b"keep-alive"


def test_444_ends_the_connection_without_an_answer():
    with Inside("return 444;") as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        assert client.rest() == b""


def test_a_path_to_redirect_to_becomes_a_url_of_the_host_that_was_asked():
    with Inside("return 301 /there;") as server:
        response = ask(server.address, request(b"GET", b"/", host=b"Example.com:1"))
        assert response.get(b"location") == b"http://example.com:%d/there" % server.port


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ("absolute_redirect off;", b"/there"),
        ("port_in_redirect off;", b"http://localhost/there"),
        (
            "server_name_in_redirect on; server_name name; port_in_redirect off;",
            b"http://name/there",
        ),
    ],
)
def test_redirects_obey_their_settings(settings, where):
    assert answer(f"{settings} return 301 /there;").get(b"location") == where


def test_a_url_to_redirect_to_stays_as_it_is():
    assert answer("return 302 https://x/y;").get(b"location") == b"https://x/y"


def test_a_request_without_a_host_is_redirected_to_our_address():
    with Inside("return 301 /there;") as server:
        response = ask(server.address, b"GET / HTTP/1.0\r\n\r\n")
        assert response.get(b"location") == b"http://%s/there" % server.address.encode()


def test_a_redirect_has_a_page_too():
    assert answer("server_tokens off; return 301 /x;").body == page(b"301 Moved Permanently")
