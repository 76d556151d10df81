import pytest

from forkproxy.config.address import AddressError, Family, parse_address


def parse(text, **options):
    return parse_address(text, default_port=80, **options)


@pytest.mark.parametrize(
    ("text", "family", "host", "port", "given"),
    [
        ("10.0.0.1", Family.INET, "10.0.0.1", 80, False),
        ("10.0.0.1:8080", Family.INET, "10.0.0.1", 8080, True),
        ("app", Family.NAME, "app", 80, False),
        ("app:3000", Family.NAME, "app", 3000, True),
        ("[::1]", Family.INET6, "::1", 80, False),
        ("[0::1]:81", Family.INET6, "::1", 81, True),
    ],
)
def test_hosts_and_ports(text, family, host, port, given):
    address = parse(text)
    assert (address.family, address.host, address.port) == (family, host, port)
    assert address.port_given == given
    assert address.uri is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("80", "0.0.0.0:80"),
        ("*:81", "0.0.0.0:81"),
        ("*", "0.0.0.0:80"),
        ("[::]:80", "[::]:80"),
        ("localhost:1", "localhost:1"),
        ("unix:/a:b", "unix:/a:b"),
    ],
)
def test_what_one_listens_on_prints_as_nginx_prints_it(text, shown):
    assert parse(text, listening=True).text == shown


def test_a_range_of_ports_is_for_listening_only():
    address = parse("127.0.0.1:80-82", listening=True)
    assert (address.port, address.last_port) == (80, 82)
    with pytest.raises(AddressError, match="invalid port"):
        parse("127.0.0.1:80-82")


@pytest.mark.parametrize(
    ("text", "uri"),
    [("a/b?c", "/b?c"), ("a:1/", "/"), ("a?x", "?x"), ("[::1]:1/x:y", "/x:y"), ("a", None)],
)
def test_a_url_has_a_path_behind_its_address(text, uri):
    assert parse(text, uri=True).uri == uri


def test_the_path_of_a_url_to_a_unix_socket_stands_behind_a_colon():
    assert parse("unix:/run/a.sock", uri=True).uri is None
    address = parse("unix:/run/a.sock:/b:c", uri=True)
    assert (address.path, address.uri) == ("/run/a.sock", "/b:c")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no host"),
        (":80", "no host"),
        ("a:", "invalid port"),
        ("a:0", "invalid port"),
        ("a:65536", "invalid port"),
        ("a:x", "invalid port"),
        ("a:-1", "invalid port"),
        ("a:\uff11", "invalid port"),
        ("a/b", "invalid host"),
        ("[::1", "invalid host"),
        ("[::1]x", "invalid host"),
        ("[::g]", "invalid IPv6 address"),
        ("unix:", "no path in the unix domain socket"),
        ("unix:/" + "a" * 107, "too long path in the unix domain socket"),
    ],
)
def test_what_is_no_address_is_refused_in_nginxs_words(text, reason):
    with pytest.raises(AddressError) as caught:
        parse(text)
    assert caught.value.reason == reason


def test_a_range_that_runs_backwards_is_refused():
    with pytest.raises(AddressError, match="invalid port range"):
        parse("82-80", listening=True)
