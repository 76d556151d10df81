"""Targets: $uri, what is encoded where, and $host; as the nginx of this machine has them."""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forkproxy.errors import ProtocolError
from forkproxy.wire.target import (
    escape_args,
    escape_path,
    host_name,
    normalise_path,
)
from tests.conftest import installed
from tests.support.client import ask, request
from tests.support.proxy import Nginx

CONF = """
events {}
http {
    server {
        listen %PORT%;
        location / { return 200 $uri; }
        location /path/ { proxy_pass http://%PORT3%/; }
        location /args/ { rewrite (?s)^/args/(.*)$ /shown?$1 last; }
        location /shown { return 200 $args; }
    }
    server {
        listen %PORT2%;
        merge_slashes off;
        return 200 $uri;
    }
    server {
        listen %PORT3%;
        location / { return 200 $request_uri; }
    }
    server {
        listen %PORT4%;
        return 200 $host;
    }
}
"""

OCTETS = range(1, 256)
# What paths are made of where it matters: segments, dots, slashes, and each of them encoded.
PIECES = rb"/ // . .. /. /.. a b. %2f %2e %2E. %41 %25 %3f %23 %00 %0a %f %zz % + %2B :".split()
PATHS = st.lists(st.sampled_from([*PIECES, b"\xe4"]), max_size=8).map(
    lambda path: b"/" + b"".join(path)
)
HOSTS = st.text("aB.-_:[]1%~@/,", min_size=1, max_size=8).map(str.encode)


@pytest.fixture(scope="module")
def nginx():
    with installed(Nginx)(CONF) as nginx:
        yield nginx


def normalised(path, merge_slashes=True):
    """Return $uri, or the status of the refusal."""
    try:
        return normalise_path(path, merge_slashes)
    except ProtocolError as error:
        return error.status


def nginx_says(address, octets):
    """Return the body of a 200, else the status."""
    response = ask(address, octets)
    return response.body if response.status == 200 else response.status


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (b"/", b"/"),
        (b"/a/b", b"/a/b"),
        (b"/a%20b", b"/a b"),
        (b"/%41", b"/A"),
        (b"/a//b", b"/a/b"),
        (b"//", b"/"),
        (b"/a//", b"/a/"),
        (b"/a/./b", b"/a/b"),
        (b"/a/.", b"/a/"),
        (b"/a/../b", b"/b"),
        (b"/a/..", b"/"),
        (b"/a/b/..", b"/a/"),
        (b"/a//../b", b"/b"),
        (b"/.a/..b/c..", b"/.a/..b/c.."),
        (b"/.well-known/x", b"/.well-known/x"),
        (b"/...", b"/..."),
        (b"/p1//a/../b%2Fc", b"/p1/b/c"),
        (b"/a/%2e%2E/b", b"/b"),
        (b"/a%2f..%2Fb", b"/b"),
        (b"/%3Fa%23b", b"/?a#b"),
        (b"/%2541", b"/%41"),
        (b"/%25%34%31", b"/%41"),
        (b"/\xc3\xa4", b"/\xc3\xa4"),
        (b"/%01", b"/\x01"),
        (b"*", b"*"),
        (b"", b""),
    ],
)
def test_a_path_is_decoded_once_and_its_dots_are_resolved(path, uri):
    assert normalise_path(path, True) == uri


@pytest.mark.parametrize(
    ("path", "uri"),
    [(b"//", b"//"), (b"/a//b/", b"/a//b/"), (b"/a//../b", b"/a/b"), (b"/a%2F%2Fb", b"/a//b")],
)
def test_slashes_stay_where_they_are_not_to_be_merged(path, uri):
    assert normalise_path(path, False) == uri


@pytest.mark.parametrize(
    "path",
    [
        b"/..",
        b"/../",
        b"/a/../..",
        b"/%2e%2e/a",
        b"/%00",
        b"/a\0b",
        b"/%",
        b"/%4",
        b"/%4g",
        b"/%g4",
    ],
)
def test_a_path_above_the_root_or_badly_encoded_is_refused(path):
    for merge_slashes in (True, False):
        with pytest.raises(ProtocolError) as caught:
            normalise_path(path, merge_slashes)
        assert caught.value.status == 400


@pytest.mark.parametrize("path", [b"/", b"/index.html", b"/.well-known/a", b"/a..b/.c", b"/a;b=c"])
def test_a_path_that_stands_as_it_is_comes_back_as_the_same_object(path):
    assert normalise_path(path, True) is path


@given(PATHS, st.booleans())
def test_a_normalised_path_holds_no_dots_and_is_normal(path, merge_slashes):
    uri = normalised(path, merge_slashes)
    if uri == 400:
        return
    segments = uri.split(b"/")
    assert segments[0] == b""
    assert not {b".", b".."} & set(segments)
    assert not (merge_slashes and b"//" in uri)
    again = uri.replace(b"%", b"%25")
    assert normalised(again, merge_slashes) == uri


@settings(deadline=None)
@given(PATHS)
@example(b"/.%23")
@example(b"/..%2f")
@example(b"/a/..%3f/b")
@example(b"/a/%2e")
def test_nginx_has_the_same_uri(nginx, path):
    asked = request(b"GET", path)
    assert nginx_says(nginx.address, asked) == normalised(path)
    assert nginx_says(nginx.word("PORT2"), asked) == normalised(path, merge_slashes=False)


def test_nginx_encodes_the_same_octets_of_a_path(nginx):
    for octet in OCTETS:
        came = b"/path/x%%%02Xy" % octet
        sent = nginx_says(nginx.address, request(b"GET", came))
        assert sent == escape_path(b"/x%cy" % octet), octet


def test_nginx_encodes_the_same_octets_of_arguments(nginx):
    for octet in OCTETS:
        put = nginx_says(nginx.address, request(b"GET", b"/args/x%%%02Xy" % octet))
        assert put == escape_args(b"x%cy" % octet), octet


@pytest.mark.parametrize("escape", [escape_path, escape_args])
def test_what_needs_no_encoding_comes_back_as_the_same_object(escape):
    text = b"abc-._~019"
    assert escape(text) is text


@given(st.binary(), st.sampled_from([escape_path, escape_args]))
def test_what_is_encoded_decodes_to_itself(text, escape):
    assert unquote_to_bytes(escape(text)) == text


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        (b"example.com", b"example.com"),
        (b"UPPER.Com:99", b"upper.com"),
        (b"example.com.", b"example.com"),
        (b"example.com.:80", b"example.com"),
        (b"example.com:", b"example.com"),
        (b"127.0.0.1:8080", b"127.0.0.1"),
        (b"[::1]", b"[::1]"),
        (b"[vF.a,B:c]:1", b"[vf.a,b:c]"),
        (b"a:65535", b"a"),
        (b"[2001:DB8::1]:443", b"[2001:db8::1]"),
        (b"under_score-1~", b"under_score-1~"),
        (b"a%41!$&'()*+;=", b"a%41!$&'()*+;="),
    ],
)
def test_a_host_is_in_lower_case_without_port_and_last_dot(authority, host):
    assert host_name(authority) == host


def test_a_host_that_stands_as_it_is_comes_back_as_the_same_object():
    host = b"www.example.com"
    assert host_name(host) is host


NO_HOSTS = rb"""
    . : :80 .:80 a..b a/b a\b a?b a#b user@a a,b a:b a:80:80 a:-1 "a" <a> {a} a^b a|b a`b
    [::1 ::1] [] [::1]a [::1]. [::1]:a [g] a[::1] [fe80::1%25lo] [1..2]
    a:65536 a:99999999999999999999
""".split()


@pytest.mark.parametrize(
    "authority", [*NO_HOSTS, b"", b"a b", b"a\tb", b"a:8 0", b"a\0", b"\xc3\xa4"]
)
def test_what_is_no_host_is_refused(authority):
    with pytest.raises(ProtocolError) as caught:
        host_name(authority)
    assert caught.value.status == 400


@settings(deadline=None)
@given(HOSTS)
def test_what_we_take_for_a_host_is_the_same_host_to_nginx(nginx, authority):
    try:
        host = host_name(authority)
    except ProtocolError:
        return
    assert nginx_says(nginx.word("PORT4"), request(b"GET", b"/", host=authority)) == host
