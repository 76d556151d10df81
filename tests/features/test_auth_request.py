"""auth_request: a location inside says whether a request may come in."""

import pytest

from tests.support.client import ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response


def site(auth, more="", **given):
    conf = f"""
        root %PREFIX%;
        location / {{ auth_request /auth; {more} try_files /page =404; }}
        location = /auth {{ {auth} }}
    """
    return Inside(conf, **given)


def status(auth):
    with site(auth) as server:
        server.write("page", b"page")
        return get(server.address).status


@pytest.mark.parametrize("answer", [200, 201, 204, 299])
def test_any_2xx_lets_in(answer):
    assert status(f"return {answer};") == 200


@pytest.mark.parametrize("answer", [401, 403])
def test_401_and_403_refuse(answer):
    assert status(f"return {answer};") == answer


@pytest.mark.parametrize("answer", [302, 404, 500, 503])
def test_anything_else_is_an_error_of_ours(answer):
    with site(f"return {answer};") as server:
        assert get(server.address).status == 500
        assert f"auth request unexpected status: {answer}" in server.errors()


def test_what_the_401_asks_for_reaches_the_client():
    lines = (b'WWW-Authenticate: Basic realm="a"', b"WWW-Authenticate: Bearer")
    conf = """
        error_page 401 /login;
        location / { auth_request /auth; }
        location /login { return 200 please; }
        location = /auth { internal; proxy_pass http://%ORIGIN%; }
    """
    answer = response(b"no", *lines, status=b"401 Unauthorized")
    with proxying(answers(answer), conf) as server:
        found = get(server.address)
        assert (found.status, found.body) == (401, b"please")
        assert found.all(b"www-authenticate") == [b'Basic realm="a"', b"Bearer"]


def test_variables_are_set_from_its_answer_also_where_it_refuses():
    conf = """
        auth_request_set $who $upstream_http_x_user;
        add_header X-Who $who always;
        location / { auth_request /auth; }
        location = /auth { internal; proxy_pass http://%ORIGIN%; }
    """
    answer = response(b"", b"X-User: ada", status=b"403 Forbidden")
    with proxying(answers(answer), conf) as server:
        assert get(server.address).get(b"x-who") == b"ada"


def test_args_can_be_set():
    conf = """
        location / { auth_request /auth; auth_request_set $args new=1;
                     proxy_pass http://%ORIGIN%; }
        location = /auth { return 204; }
    """
    with proxying(answers(response()), conf) as server:
        get(server.address, b"/x?old=1")
        assert server.origin.last.target == b"/x?new=1"


def test_off_takes_an_inherited_one_away():
    conf = """
        auth_request /auth;
        root %PREFIX%;
        location / { auth_request off; try_files /page =404; }
        location = /auth { return 403; }
    """
    with Inside(conf) as server:
        server.write("page", b"page")
        assert get(server.address).status == 200


def test_the_body_waits_for_who_is_let_in():
    conf = """
        location / { auth_request /auth; proxy_pass http://%ORIGIN%; }
        location = /auth { proxy_pass http://%ORIGIN%; }
    """
    with proxying(answers(response()), conf) as server:
        assert ask(server.address, request(b"POST", b"/", body=b"body")).status == 200
        asked, passed = server.origin.requests
        assert (asked.method, asked.body) == (b"GET", b"")
        assert (passed.method, passed.body) == (b"POST", b"body")


def test_a_post_that_is_let_in_to_a_file_that_is_not_there_is_a_404():
    with Inside("location / { auth_request /auth; } location = /auth { return 200; }") as server:
        server.write("html/there", b"file")
        assert ask(server.address, request(b"POST", b"/none", body=b"x")).status == 404
        assert ask(server.address, request(b"POST", b"/there", body=b"x")).status == 405
