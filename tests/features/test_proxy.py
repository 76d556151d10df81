"""proxy_pass and the proxy_* directives: what is asked, and what becomes of the answer."""

import pytest

from tests.support.client import Client, ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import Origin, answers, echo, response

UP = "upstream up { server %ORIGIN%; }"


def asked(conf, *fields, target=b"/a/x?y", method=b"GET", body=b"", script=echo, **given):
    """Return the request that the upstream gets."""
    given.setdefault("http", UP)
    with proxying(script, conf, **given) as server:
        octets = request(method, target, *fields, body=body)
        assert ask(server.address, octets, to=method).status == 200
        return server.origin.last


@pytest.mark.parametrize(
    ("conf", "target", "expected"),
    [
        ("location / { proxy_pass http://up; }", b"/a%20b//c/../d?x=1", b"/a%20b//c/../d?x=1"),
        ("location /a/ { proxy_pass http://up/; }", b"/a//b/../c%2Fd?x", b"/c/d?x"),
        ("location /a/ { proxy_pass http://up/z/; }", b"/a/%20?", b"/z/%20"),
        ("location /a { proxy_pass http://up/z; }", b"/ab", b"/zb"),
        ("location = /a { proxy_pass http://up/z; }", b"/a?x", b"/z?x"),
        ("location / { set $u up; proxy_pass http://$u; }", b"/a%2Fb?x", b"/a%2Fb?x"),
        ("location / { set $u up; proxy_pass http://$u/z; }", b"/a?x", b"/z"),
        ("location / { proxy_pass http://up$request_uri; }", b"/a%2Fb?x=%20", b"/a%2Fb?x=%20"),
        ("location / { proxy_pass http://up$uri; }", b"/a%20b%2541?x", b"/a%20b%2541"),
        ("location / { proxy_pass http://up?$args; }", b"/a?x", b"/?x"),
        ("location ~ ^/a/(.*) { proxy_pass http://up/$1; }", b"/a/b%3Fc%25d", b"/b%3Fc%25d"),
        ("location ~ ^/a/(?<all>.*) { proxy_pass http://up/$all; }", b"/a/b%20c", b"/b%20c"),
        (
            "location ~ ^/a/(.*) { proxy_pass http://up/z/$1$is_args$args; }",
            b"/a/b%20c?x=1",
            b"/z/b%20c?x=1",
        ),
        (
            "location /a { rewrite ^/a(.*) /n$1 break; proxy_pass http://up/ignored; }",
            b"/a/b?x",
            b"/n/b?x",
        ),
        (
            "location /a { rewrite ^/a(.*) /n$1; } location /n { proxy_pass http://up; }",
            b"/a%20?x",
            b"/n%20?x",
        ),
        ("location / { set $args z=1; proxy_pass http://up; }", b"/a?x", b"/a?z=1"),
    ],
)
def test_the_target_by_the_golden_table(conf, target, expected):
    assert asked(conf, target=target).target == expected


def test_an_absolute_target_is_sent_in_origin_form():
    conf = "location / { proxy_pass http://up; }"
    assert asked(conf, target=b"http://x.example/a%2Fb?c").target == b"/a%2Fb?c"


@pytest.mark.parametrize(
    ("conf", "name", "values"),
    [
        ("", b"host", [b"up"]),
        ("", b"x-a", [b"1", b"2"]),
        ("", b"connection", []),
        ("", b"te", []),
        ("", b"listed", []),
        ("proxy_set_header Host $host;", b"host", [b"localhost"]),
        ("proxy_set_header Host $host; proxy_set_header host b;", b"host", [b"b"]),
        ('proxy_set_header Host "";', b"host", [b"up"]),
        ("proxy_set_header Host $arg_none;", b"host", [b"up"]),
        ('proxy_http_version 1.0; proxy_set_header Host "";', b"host", []),
        ("proxy_set_header X-A 1; proxy_set_header X-A 2;", b"x-a", [b"1", b"2"]),
        ("proxy_set_header X-A new;", b"x-a", [b"new"]),
        ('proxy_set_header X-A "";', b"x-a", []),
        ("proxy_set_header X-New $uri;", b"x-new", [b"/a/x"]),
        ("proxy_set_header Connection close;", b"connection", [b"close"]),
        ("proxy_set_header Transfer-Encoding chunked;", b"transfer-encoding", []),
        ("proxy_set_header Content-Length 7;", b"content-length", []),
        ("proxy_pass_request_headers off;", b"x-a", []),
        ("proxy_pass_request_headers off;", b"host", [b"up"]),
        ("proxy_http_version 1.0;", b"connection", [b"close"]),
    ],
)
def test_the_fields_that_are_sent(conf, name, values):
    fields = [b"X-A: 1", b"X-A: 2", b"Connection: listed", b"Listed: x", b"TE: trailers"]
    sent = asked(f"location / {{ {conf} proxy_pass http://up; }}", *fields)
    assert sent.all(name) == values


def test_without_a_pool_the_connection_is_closed():
    conf = "location / { proxy_pass http://up; }"
    sent = asked(conf, http="upstream up { server %ORIGIN%; keepalive 0; }")
    assert sent.get(b"connection") == b"close"


def test_a_version_1_0_is_said_and_not_kept():
    assert asked("location / { proxy_http_version 1.0; proxy_pass http://up; }").minor == 0


@pytest.mark.parametrize(
    ("conf", "method", "body", "length"),
    [
        ("", b"POST", b"four", b"4"),
        ("proxy_pass_request_body off;", b"POST", b"", None),
        ("proxy_set_body mine;", b"POST", b"mine", b"4"),
        ("proxy_method PUT;", b"PUT", b"four", b"4"),
        ("proxy_request_buffering off;", b"POST", b"four", b"4"),
    ],
)
def test_method_and_body(conf, method, body, length):
    sent = asked(f"location / {{ {conf} proxy_pass http://up; }}", method=b"POST", body=b"four")
    assert (sent.method, sent.body, sent.get(b"content-length")) == (method, body, length)


def shown(conf, *fields, status=b"200 OK", body=b"x", target=b"/"):
    """Return the answer that the client gets."""
    script = answers(response(body, *fields, status=status))
    with proxying(script, conf, http=UP) as server:
        return get(server.address, target)


@pytest.mark.parametrize(
    ("conf", "name", "values"),
    [
        ("", b"x-a", [b"1"]),
        ("", b"x-accel-expires", []),
        ("", b"x-pad", []),
        ("", b"listed", []),
        ("proxy_hide_header X-A;", b"x-a", []),
        ("proxy_pass_header X-Accel-Expires;", b"x-accel-expires", [b"0"]),
        ("proxy_pass_header Server;", b"server", [b"theirs"]),
        ("proxy_pass_header Date;", b"date", [b"then"]),
        ("proxy_pass_header Connection;", b"connection", [b"keep-alive"]),
    ],
)
def test_the_fields_that_are_shown(conf, name, values):
    fields = [
        b"X-A: 1",
        b"X-Accel-Expires: 0",
        b"X-Pad: p",
        b"Listed: l",
        b"Connection: listed",
        b"Server: theirs",
        b"Date: then",
    ]
    answer = shown(f"location / {{ {conf} proxy_pass http://up; }}", *fields)
    assert answer.all(name) == values


def test_server_and_date_that_are_passed_on_and_not_there_are_not_made_up():
    conf = "proxy_pass_header Date; proxy_pass_header Server; proxy_pass http://up;"
    answer = shown(f"location / {{ {conf} }}")
    assert (answer.all(b"date"), answer.all(b"server")) == ([], [])


def test_server_and_date_are_ours_by_default():
    answer = shown("location / { proxy_pass http://up; }", b"Server: theirs", b"Date: then")
    assert answer.get(b"server").startswith(b"forkproxy")
    assert answer.get(b"date") != b"then"


def test_an_error_is_intercepted_where_a_page_is_configured():
    conf = """
        location / {
            proxy_intercept_errors on; proxy_pass http://up;
            error_page 404 /page;
        }
        location = /page { return 200 ours; }
    """
    assert shown(conf, status=b"404 Not Found").body == b"ours"
    answer = shown(conf, b"WWW-Authenticate: Basic", status=b"401 Unauthorized")
    assert (answer.status, answer.body) == (401, b"x")


def test_x_accel_redirect_leads_to_another_location():
    conf = """
        location / { proxy_pass http://up; }
        location /in/ { internal; return 200 $uri$is_args$args; }
    """
    fields = [b"X-Accel-Redirect: /in/a?b", b"Set-Cookie: a=1", b"X-A: gone"]
    answer = shown(conf, *fields)
    assert answer.body == b"/in/a?b"
    assert answer.get(b"set-cookie") == b"a=1"
    assert b"x-a" not in answer


def test_x_accel_redirect_may_name_a_location():
    conf = "location / { proxy_pass http://up; } location @n { return 200 named; }"
    assert shown(conf, b"X-Accel-Redirect: @n").body == b"named"


def test_x_accel_redirect_leads_nowhere_unsafe():
    conf = "location / { proxy_pass http://up; }"
    assert shown(conf, b"X-Accel-Redirect: /../x").status == 404
    assert shown(conf, b"X-Accel-Redirect: a/../../x").status == 404


def test_x_accel_redirect_may_be_ignored():
    conf = "location / { proxy_ignore_headers X-Accel-Redirect; proxy_pass http://up; }"
    assert shown(conf, b"X-Accel-Redirect: /in/a").body == b"x"


def test_an_upstream_block_is_meant_by_its_name():
    conf = "location / { proxy_pass http://up; } location /v { set $u up; proxy_pass http://$u; }"
    with proxying(echo, conf, http=UP) as server:
        get(server.address)
        get(server.address, b"/v")
        assert len(server.origin.peers) == 1


def test_an_address_of_its_own_has_a_pool_too():
    conf = "location / { proxy_pass http://%ORIGIN%; } location /b { proxy_pass http://%ORIGIN%; }"
    with proxying(echo, conf) as server:
        for target in (b"/", b"/b", b"/"):
            get(server.address, target)
        assert len(server.origin.peers) == 1


def test_an_address_from_variables_has_a_pool_too():
    conf = "location / { proxy_pass http://$http_to; }"
    with proxying(echo, conf) as server:
        for _ in range(3):
            get(server.address, b"/", b"To: " + server.origin.address.encode())
        assert len(server.origin.peers) == 1


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        (b"no.such.name", "no resolver defined to resolve no.such.name"),
        (b"", "no host in upstream"),
        (b"a:port", "invalid port in upstream"),
    ],
)
def test_a_url_from_variables_that_leads_nowhere_is_a_502(to, reason):
    with proxying(echo, "location / { proxy_pass http://$http_to; }") as server:
        assert get(server.address, b"/", b"To: " + to).status == 502
        assert reason in server.errors()


def test_a_unix_socket(tmp_path):
    with Origin(echo, path=tmp_path / "s") as origin:
        conf = f"location /a/ {{ proxy_pass http://{origin.address}:/b/; }}"
        with proxying(echo, conf) as server:
            assert get(server.address, b"/a/c").status == 200
        assert (origin.last.target, origin.last.get(b"host")) == (b"/b/c", b"localhost")


def test_a_name_that_is_not_known_is_a_notice_and_a_502():
    conf = "location / { proxy_pass http://no-such-name.invalid; }"
    with proxying(echo, conf) as server:
        (notice,) = server.generation.notices
        assert notice.startswith('host not found in upstream "no-such-name.invalid')
        assert get(server.address).status == 502


def test_an_if_has_the_proxy_of_its_location_with_settings_of_its_own():
    conf = """
        location / {
            proxy_pass http://up;
            if ($arg_x) { set $z 1; proxy_pass http://up/other; }
        }
    """
    with (
        proxying(echo, conf.replace("up/other", "up"), http=UP) as server,
        Client(server.address) as client,
    ):
        assert client.get(b"/?x=1").status == client.get(b"/").status == 200


def test_a_prefix_without_its_slash_is_redirected_to():
    answer = shown("location /a/ { proxy_pass http://up; }", target=b"/a?x")
    assert answer.status == 301
    assert answer.get(b"location").endswith(b"/a/?x")


def test_a_name_that_another_location_writes_out_needs_no_resolver():
    with Origin(echo) as origin:
        port = origin.address.rpartition(":")[2]
        conf = (
            f"location / {{ proxy_pass http://localhost:{port}; }}"
            "location /named { proxy_pass http://$arg_host; }"
        )
        with Inside(conf) as server:
            assert get(server.address, f"/named?host=localhost:{port}".encode()).status == 200
            assert get(server.address, b"/named?host=localhost:1").status == 502
