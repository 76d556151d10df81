import pytest

from forkproxy.config.directives.acme import (
    AcmeCertificate,
    Challenge,
    ExternalAccount,
    Key,
    Profile,
    identifier,
    parse_key,
)
from tests.support.configuration import errors, level, warnings


def issuer(text):
    (block,) = level("http", f"acme_issuer a {{ uri https://ca.test/dir; {text} }}").blocks(
        "acme_issuer"
    )
    return block


def certificate(text):
    text = f"acme_issuer a {{ uri https://ca.test/; }} server {{ acme_certificate a {text}; }}"
    (server,) = level("http", text).blocks("server")
    return server.own("acme_certificate")[0].value


def test_an_issuer_has_nginx_defaults():
    block = issuer("")
    assert block.value("challenge") == Challenge("http-01")
    assert block.value("account_key") == Key("ecdsa", 256)
    assert block.value("ssl_verify")
    assert not block.value("accept_terms_of_service")


def test_what_holds_outside_of_an_issuer_does_not_hold_in_it():
    text = "ssl_trusted_certificate x.pem; acme_issuer a { uri https://ca.test/; }"
    (block,) = level("http", text).blocks("acme_issuer")
    assert block.value("ssl_trusted_certificate") is None


def test_an_issuer_has_parameters():
    block = issuer(
        "challenge tls-alpn; account_key rsa:3072; contact a@b.test tel:1; profile short require;"
        "external_account_key me data:c2VjcmV0; accept_terms_of_service; ssl_verify off;"
    )
    assert block.value("challenge") == Challenge("tls-alpn-01")
    assert block.value("account_key") == Key("rsa", 3072)
    assert block.value("contact") == ("mailto:a@b.test", "tel:1")
    assert block.value("profile") == Profile("short", True)
    assert block.value("external_account_key") == ExternalAccount("me", "c2VjcmV0")
    assert block.value("accept_terms_of_service")


def test_a_hook_writes_dns_records():
    assert issuer("challenge dns-01 hook=/bin/true;").value("challenge").hook == "/bin/true"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("challenge smoke;", 'unsupported challenge: "smoke"'),
        ("challenge dns-01;", '"challenge" directive needs a hook for dns-01'),
        ("challenge http-01 hook=/x;", 'invalid parameter "hook=/x"'),
        ("account_key rsa:1;", 'unsupported key size in "rsa:1"'),
        ("external_account_key me data:!;", "the key is no base64url"),
        ("profile a b;", 'invalid parameter "b"'),
        (
            "state_path off;",
            '"state_path off" is not supported by this version of forkproxy',
        ),
    ],
)
def test_what_makes_no_sense_is_refused(text, said):
    assert errors("http", f"acme_issuer a {{ uri https://ca.test/; {text} }}") == [said]


def test_the_directory_is_a_url():
    said = errors("http", "acme_issuer a { uri ca.test; }")
    assert 'invalid URL "ca.test"' in said


def test_a_certificate_has_identifiers_and_a_key():
    found = certificate("Example.COM [2001:DB8::1] example.com key=ecdsa:384")
    identifiers = ("example.com", "2001:db8::1")
    assert found == AcmeCertificate("a", identifiers, Key("ecdsa", 384))


@pytest.mark.parametrize("name", ["a b", "-a.test", "a..test", "", "a_$.test", "x" * 64 + ".test"])
def test_what_can_stand_in_no_certificate_is_no_identifier(name):
    with pytest.raises(ValueError, match=r"."):
        identifier(name or " ")


def test_a_name_in_another_script_is_written_in_ascii():
    assert identifier("bücher.example") == "xn--bcher-kva.example"


@pytest.mark.parametrize("text", ["ecdsa:255", "dsa", "rsa:x", "ecdsa:"])
def test_only_some_keys_are_made(text):
    with pytest.raises(ValueError, match=r"."):
        parse_key(text)


def test_the_shared_zone_is_accepted_and_changes_nothing():
    assert errors("http", "acme_shared_zone zone=a:1m;") == []
    assert errors("http", "acme_shared_zone zone=a:x;") == ['invalid zone size "a:x"']
    assert warnings("http", "acme_shared_zone zone=a:1m;") == []
