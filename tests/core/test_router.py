"""Host and path to server and location: nginx's order, checked case by case."""

import pytest

from tests.support.client import ask, get, request
from tests.support.inside import Inside

LOCATIONS = r"""
    location = /exact { return 200 exact; }
    location / { return 200 root; }
    location /plain { return 200 plain; }
    location /plain/deeper { return 200 deeper; }
    location ^~ /final { return 200 final; }
    location ~ \.php$ { return 200 php; }
    location ~* \.JPG$ { return 200 jpg; }
    location ~ ^/plain/.*first$ { return 200 first; }
    location ~ ^/plain/.*st$ { return 200 second; }
    location ~ ^/named/(?<word>\w+)/(\d+)$ { return 200 "$word $1 $2"; }
    location ~ ^/groups/(a)?(b)$ { return 200 "[$1][$2][$3]"; }
    location /sp%20ace { return 200 never; }
    location "/sp ace" { return 200 space; }
    location /outer {
        return 200 outer;
        location /outer/inner { return 200 inner; }
        location = /outer/only { return 200 only; }
        location ~ in-outer { return 200 "in outer"; }
        location ^~ /outer/final { return 200 "final in outer"; }
    }
    location ^~ /closed {
        return 200 closed;
        location /closed/inner { return 200 "inner of closed"; }
        location ~ in-closed { return 200 "in closed"; }
    }
    location ~ ^/rx {
        return 200 rx;
        location ~ deep$ { return 200 deep; }
    }
"""


@pytest.fixture(scope="module")
def located():
    with Inside(LOCATIONS) as server:
        yield server


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (b"/", b"root"),
        (b"/anything", b"root"),
        (b"/exact", b"exact"),
        (b"/exact/", b"root"),
        (b"/exact?with=args", b"exact"),
        (b"/plain", b"plain"),
        (b"/plainer", b"plain"),
        (b"/plain/deep", b"plain"),
        (b"/plain/deeper/still", b"deeper"),
        (b"/pla", b"root"),
        (b"/final/x.php", b"final"),
        (b"/plain/x.php", b"php"),
        (b"/x.PHP", b"root"),
        (b"/x.jpg", b"jpg"),
        (b"/X.jPg", b"jpg"),
        (b"/plain/first", b"first"),
        (b"/plain/last", b"second"),
        (b"/named/word/42", b"word word 42"),
        (b"/groups/ab", b"[a][b][]"),
        (b"/groups/b", b"[][b][]"),
        (b"/sp%20ace", b"space"),
        (b"/a/../plain/x", b"plain"),
        (b"//plain", b"plain"),
        (b"/%70lain", b"plain"),
        (b"/plain%2fdeeper", b"deeper"),
        (b"/outer", b"outer"),
        (b"/outer/inner/x", b"inner"),
        (b"/outer/inner/x.php", b"php"),
        (b"/outer/only", b"only"),
        (b"/outer/only.php", b"php"),
        (b"/outer/in-outer.php", b"in outer"),
        (b"/in-outer", b"root"),
        (b"/outer/final.php", b"php"),  # an inner ^~ says nothing about the outer regexes
        (b"/closed/x.php", b"closed"),
        (b"/closed/inner.php", b"inner of closed"),
        (b"/closed/in-closed", b"in closed"),
        (b"/rx", b"rx"),
        (b"/rx/deep", b"deep"),
    ],
)
def test_a_path_leads_to_its_location(located, target, found):
    assert get(located.address, target).body == found


@pytest.fixture(scope="module")
def slashed():
    conf = """
        location / { return 200 root; }
        location /app/ { proxy_pass http://127.0.0.1:1; }
        location = /one/ { proxy_pass http://127.0.0.1:1; }
        location /both { return 200 both; }
        location /both/ { proxy_pass http://127.0.0.1:1; }
        location = /exact { return 200 exact; }
        location /exact/ { proxy_pass http://127.0.0.1:1; }
        location ~ /regex$ { return 200 regex; }
        location /regex/ { proxy_pass http://127.0.0.1:1; }
        location /here/ { return 200 here; }
        location "/a b/" { proxy_pass http://127.0.0.1:1; }
    """
    with Inside(conf) as server:
        yield server


@pytest.mark.parametrize(
    ("target", "where"),
    [
        (b"/app", b"/app/"),
        (b"/app?x=1", b"/app/?x=1"),
        (b"/app?", b"/app/?"),
        (b"/one", b"/one/"),
        (b"/regex", b"/regex/"),
        (b"/a%20b", b"/a%20b/"),
    ],
)
def test_a_proxied_prefix_without_its_slash_is_redirected_to(slashed, target, where):
    response = get(slashed.address, target)
    assert response.status == 301
    assert response.get(b"location") == b"http://localhost:%d" % slashed.port + where


@pytest.mark.parametrize(
    ("target", "found"),
    [(b"/both", b"both"), (b"/exact", b"exact"), (b"/here", b"root"), (b"/ap", b"root")],
)
def test_where_a_location_has_the_path_itself_there_is_no_redirect(slashed, target, found):
    assert get(slashed.address, target).body == found


def test_without_a_fitting_location_the_servers_own_level_answers():
    with Inside("location /only { return 200 only; }") as server:
        assert get(server.address, b"/other").status == 404


def test_hundreds_of_nested_prefixes_are_told_apart():
    paths = ["/" + "/".join("abc"[: depth % 3 + 1] * (depth + 1)) for depth in range(60)]
    conf = "".join(f"location {path} {{ return 200 {path}; }}" for path in dict.fromkeys(paths))
    with Inside(conf) as server:
        for path in paths:
            assert get(server.address, path.encode() + b"~").body == path.encode()


SERVERS = r"""
    server { listen %PORT%; return 200 first; }
    server { listen %PORT%; server_name a.example.com; return 200 exact; }
    server { listen %PORT%; server_name *.example.com; return 200 leading; }
    server { listen %PORT%; server_name *.deep.example.com; return 200 "longer leading"; }
    server { listen %PORT%; server_name .both.org; return 200 both; }
    server { listen %PORT%; server_name www.*; return 200 trailing; }
    server { listen %PORT%; server_name www.example.*; return 200 "longer trailing"; }
    server { listen %PORT%; server_name ~^rx(?<n>\d+)\.; return 200 "regex $n"; }
    server { listen %PORT%; server_name ~^rx; return 200 "later regex"; }
    server { listen %PORT%; server_name 127.0.0.1 [::1]; return 200 address; }
"""


@pytest.fixture(scope="module")
def named():
    with Inside(SERVERS) as server:
        yield server


@pytest.mark.parametrize(
    ("host", "found"),
    [
        (b"a.example.com", b"exact"),
        (b"A.Example.COM", b"exact"),
        (b"a.example.com.", b"exact"),
        (b"a.example.com:8080", b"exact"),
        (b"b.example.com", b"leading"),
        (b"c.b.example.com", b"leading"),
        (b"x.deep.example.com", b"longer leading"),
        (b"deep.example.com", b"leading"),
        (b"example.com", b"first"),
        (b"both.org", b"both"),
        (b"x.both.org", b"both"),
        (b"xboth.org", b"first"),
        (b"www.other.net", b"trailing"),
        (b"www.example.net", b"longer trailing"),
        (b"www.example.com", b"leading"),  # a leading wildcard goes before a trailing one
        (b"rx7.net", b"regex 7"),
        (b"rxx", b"later regex"),
        (b"127.0.0.1:1", b"address"),
        (b"[::1]", b"address"),
        (b"unknown", b"first"),
    ],
)
def test_a_host_leads_to_its_server(named, host, found):
    assert ask(named.address, request(b"GET", b"/", host=host)).body == found


def test_an_empty_host_is_no_host(named):
    assert ask(named.address, request(b"GET", b"/", host=b"")).status == 400


def test_the_authority_of_an_absolute_target_goes_before_the_host_field(named):
    octets = b"GET http://a.example.com/ HTTP/1.1\r\nHost: www.other.net\r\n\r\n"
    assert ask(named.address, octets).body == b"exact"


def test_a_request_of_http_1_0_without_a_host_goes_to_the_default_server(named):
    assert ask(named.address, b"GET / HTTP/1.0\r\n\r\n").body == b"first"


def test_the_default_server_is_the_one_that_says_so():
    conf = """
        server { listen %PORT%; server_name one; return 200 one; }
        server { listen %PORT% default_server; server_name two; return 200 two; }
    """
    with Inside(conf) as server:
        assert get(server.address).body == b"two"


def test_each_address_has_its_own_servers():
    conf = """
        server { listen %PORT%; return 200 one; }
        server { listen %PORT2%; server_name x; return 200 two; }
        server { listen %PORT%; server_name x; return 200 "one x"; }
    """
    with Inside(conf) as server:
        assert ask(server.word("PORT2"), request(b"GET", b"/", host=b"other")).body == b"two"
        assert ask(server.word("PORT"), request(b"GET", b"/", host=b"x")).body == b"one x"
