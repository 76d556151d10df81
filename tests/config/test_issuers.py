import pytest

from forkproxy.config.issuers import LETSENCRYPT_URI, every, is_public
from tests.support.configuration import level

ISSUER = "acme_issuer ca { uri https://ca.test/; } "
DNS = "acme_issuer ca { uri https://ca.test/; challenge dns-01 hook=/bin/true; } "


def wanted(text):
    """Return what the first server wants."""
    return next(iter(every(level("http", text))))[1]


def test_the_names_of_the_server_are_the_identifiers():
    (found,) = wanted(ISSUER + "server { server_name a.test .b.test; acme_certificate ca; }")
    assert found.identifiers == ("a.test", "b.test", "www.b.test")
    assert found.issuers[0].name == "ca"


def test_with_dns_wildcards_can_be_proved():
    (found,) = wanted(DNS + "server { server_name .b.test *.c.test; acme_certificate ca; }")
    assert found.identifiers == ("b.test", "*.b.test", "*.c.test")


def test_a_certificate_has_a_file_of_its_own_for_each_set_of_names():
    (one,) = wanted(ISSUER + "server { acme_certificate ca a.test; }")
    (two,) = wanted(ISSUER + "server { acme_certificate ca a.test b.test; }")
    assert one.path != two.path
    assert "/acme_ca/a.test-" in one.path


def test_an_issuer_falls_back_on_others_once_each():
    text = "acme_issuer a { uri https://a.test/; fallback b; }"
    text += "acme_issuer b { uri https://b.test/; fallback a; }"
    (found,) = wanted(text + "server { acme_certificate a x.test; }")
    assert [issuer.name for issuer in found.issuers] == ["a", "b"]


def test_the_switch_asks_lets_encrypt_and_has_an_internal_one_meanwhile():
    public, internal = wanted("server { server_name www.forkproxy.org; https auto; }")
    assert public.issuers[0].uri == LETSENCRYPT_URI
    assert public.issuers[0].terms
    assert internal.issuers[0].uri == ""
    assert internal.stand_in


def test_the_switch_asks_the_first_issuer_there_is():
    public, _ = wanted(ISSUER + "server { server_name forkproxy.org; https auto; }")
    assert public.issuers[0].name == "ca"


def test_names_that_are_not_public_are_signed_for_by_ourselves():
    (internal,) = wanted("server { server_name localhost 10.0.0.1; https auto; }")
    assert internal.identifiers == ("localhost", "10.0.0.1")
    assert not internal.stand_in


def test_public_and_other_names_of_one_server_have_two_certificates():
    public, internal = wanted("server { server_name forkproxy.org a.internal; https auto; }")
    assert public.identifiers == ("forkproxy.org",)
    assert internal.identifiers == ("forkproxy.org", "a.internal")
    assert not internal.stand_in


def test_who_names_an_issuer_gets_private_names_from_it_too():
    public, _ = wanted(ISSUER + "server { server_name a.internal; https auto issuer=ca; }")
    assert public.identifiers == ("a.internal",)


def test_a_certificate_of_ones_own_needs_nobody():
    text = "server { server_name a.org; https auto; ssl_certificate x; ssl_certificate_key y; }"
    assert list(every(level("http", text))) == []


@pytest.mark.parametrize("name", ["a.org", "xn--bcher-kva.example.com"])
def test_names_that_anybody_may_have_are_public(name):
    assert is_public(name)


@pytest.mark.parametrize(
    "name",
    ["localhost", "a.local", "a.internal", "a.test", "host", "10.0.0.1", "::1", "a.home.arpa"],
)
def test_names_that_are_nobodys_are_not(name):
    assert not is_public(name)
