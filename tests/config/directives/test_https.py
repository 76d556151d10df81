import pytest

from forkproxy.config.directives.https import YEAR, Https
from tests.support.configuration import errors, level


def https(text):
    servers = level("http", f"server {{ server_name a.test; https {text}; }}").blocks("server")
    return servers[0].own("https")[0].value


def test_the_switch_alone_is_enough():
    assert https("auto") == Https()


def test_it_has_options():
    assert https("auto hsts").hsts == YEAR
    assert https("auto hsts=30d").hsts == 30 * 86400
    assert https("auto contact=me@a.test").contact == ("mailto:me@a.test",)
    assert https("auto redirect=off") == Https()


@pytest.mark.parametrize("text", ["on", "auto x", "auto hsts=soon", "auto issuer="])
def test_what_it_does_not_know_is_refused(text):
    (said,) = errors("server", f"server_name a.test; https {text};")
    assert said.startswith("invalid")


def test_the_redirects_address_is_checked():
    said = errors("server", "server_name a.test; https auto redirect=1:x;")
    assert said == ['invalid port in "redirect=1:x"']
