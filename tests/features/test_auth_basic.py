"""auth_basic: who knows a name and a password of the file comes in."""

import base64
import contextlib

import pytest

from tests.support.client import get
from tests.support.inside import Inside

USERS = b"""\
# a comment
plain:{PLAIN}password:and more
slow:$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.
plain:{PLAIN}another
"""
CONF = 'auth_basic "closed site"; auth_basic_user_file %PREFIX%/users;'


def basic(name, password):
    return b"Authorization: Basic " + base64.b64encode(name + b":" + password)


@contextlib.contextmanager
def site(conf=CONF, users=USERS, **given):
    with Inside(f"root %PREFIX%; {conf}", **given) as server:
        server.write("file", b"file")
        if users is not None:
            server.write("users", users)
        yield server


def status(server, *fields, target=b"/file"):
    return get(server.address, target, *fields).status


@pytest.mark.parametrize("name", [b"plain", b"slow"])
def test_the_right_password_lets_in_and_another_does_not(name):
    with site() as server:
        for _ in range(2):
            assert status(server, basic(name, b"password")) == 200
            assert status(server, basic(name, b"wrong")) == 401


def test_who_says_nothing_is_asked():
    with site() as server:
        found = get(server.address, b"/file")
        assert found.status == 401
        assert found.get(b"www-authenticate") == b'Basic realm="closed site"'


@pytest.mark.parametrize(
    "field",
    [b"Basic", b"Basic !!!", b"Basic cGxhaW4=", b"Bearer x", b"Basic /////zo=", b"Basic Og=="],
)
def test_what_is_no_name_and_password_is_asked_for_it(field):
    with site() as server:
        assert status(server, b"Authorization: " + field) == 401


def test_the_first_line_of_a_name_counts():
    with site() as server:
        assert status(server, basic(b"plain", b"another")) == 401


def test_a_password_is_never_logged():
    with site() as server:
        status(server, basic(b"plain", b"s3cret-one"))
        status(server, basic(b"nobody", b"s3cret-two"))
        log = server.errors()
        assert 'user "plain": password mismatch' in log
        assert 'user "nobody" was not found in' in log
        assert "s3cret" not in log


def test_a_file_that_changes_is_read_again():
    with site() as server:
        assert status(server, basic(b"plain", b"password")) == 200
        server.write("users", b"plain:{PLAIN}changed it\n")
        assert status(server, basic(b"plain", b"password")) == 401
        assert status(server, basic(b"plain", b"changed it")) == 200


def test_no_file_lets_nobody_in():
    with site(users=None) as server:
        assert status(server, basic(b"plain", b"password")) == 403
        assert 'users" failed (2: No such file or directory)' in server.errors()


def test_a_folder_lets_nobody_in():
    with site('auth_basic a; auth_basic_user_file "%PREFIX%";') as server:
        assert status(server, basic(b"plain", b"password")) == 500


def test_off_takes_it_away_also_from_a_variable():
    conf = CONF + " location /file { auth_basic off; } location /var { auth_basic $arg_realm; }"
    with site(conf) as server:
        server.write("var", b"var")
        assert status(server) == 200
        assert status(server, target=b"/var?realm=off") == 200
        assert status(server, target=b"/var?realm=on") == 401


def test_the_file_may_depend_on_the_request():
    with site("auth_basic a; auth_basic_user_file %PREFIX%/$arg_f;") as server:
        assert status(server, basic(b"plain", b"password"), target=b"/file?f=users") == 200
        assert status(server, basic(b"plain", b"password"), target=b"/file?f=none") == 403


def test_a_realm_of_the_request_stays_in_its_quotes():
    with site("location ~ ^/(.*)$ { auth_basic $1; auth_basic_user_file none; }") as server:
        found = get(server.address, b"/a%22b%5c")
        assert found.get(b"www-authenticate") == rb'Basic realm="a\"b\\"'
