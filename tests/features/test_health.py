import pytest

from forkproxy.build import build
from forkproxy.config.load import load_text
from forkproxy.errors import ConfigError


def built(location, tmp_path, http="", name="u"):
    whole = (
        f"error_log {tmp_path}/e; events {{}} http {{ access_log off; {http} "
        f"upstream u {{ server 127.0.0.1; }} server {{ location /a {{ {location} }} }} }}"
    )
    generation = build(load_text(whole, prefix=str(tmp_path)))
    generation.close()
    return next(one for one in generation.upstreams if one.name == name)


def test_an_upstream_has_the_checks_of_its_locations(tmp_path):
    made = built(
        "proxy_pass http://u; proxy_connect_timeout 2s; health_check uri=/h match=m;",
        tmp_path,
        "match m { status 200; }",
    )
    (check,) = made.checks
    assert (check.name, check.connect_timeout, check.match.name) == ("/a", 2.0, "m")
    assert check.request.startswith(b"GET /h HTTP/1.0\r\nHost: u\r\n")


def test_a_mandatory_check_must_pass_before_anyone_is_asked(tmp_path):
    made = built("proxy_pass http://u; health_check mandatory;", tmp_path)
    assert made.choose() is None


def test_where_requests_go_by_tls_checks_do_too(tmp_path):
    (plain,) = built("proxy_pass http://u; health_check;", tmp_path).checks
    assert plain.secure is None
    (check,) = built(
        "proxy_pass https://127.0.0.1:8443; health_check;", tmp_path, name="127.0.0.1:8443"
    ).checks
    assert (check.secure.verify, check.tls_name) == (False, b"127.0.0.1")
    (check,) = built("proxy_pass https://u; proxy_ssl_name a.test; health_check;", tmp_path).checks
    assert check.tls_name == b"a.test"


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("proxy_pass https://u; proxy_ssl_name $host; health_check;", "has no request"),
        ("health_check;", 'needs a "proxy_pass"'),
        ("proxy_pass http://$host; health_check;", "without variables"),
        ("proxy_pass http://u; health_check match=m;", 'unknown match "m"'),
    ],
)
def test_a_check_without_somebody_to_ask_is_an_error(location, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        built(location, tmp_path)
