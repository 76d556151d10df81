import pytest

from tests.support.configuration import errors

ISSUER = "acme_issuer ca { uri https://ca.test/; } "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("acme_issuer a { }", 'no "uri" is defined for acme_issuer "a"'),
        (ISSUER + ISSUER, 'acme_issuer "ca" is duplicate'),
        ("acme_issuer a { uri https://a/; fallback b; }", 'issuer "b" is missing'),
        ("server { acme_certificate a x.test; }", 'issuer "a" is missing'),
        (ISSUER + "server { acme_certificate ca; }", "no identifiers for a certificate"),
        (
            ISSUER + "server { server_name *.a.test; acme_certificate ca; }",
            'no certificate can be had for "*.a.test"',
        ),
        (
            ISSUER + "server { server_name ~^a; acme_certificate ca; }",
            'invalid server name "~^a" for a certificate',
        ),
        ("server { https auto; }", "no identifiers for a certificate"),
        (
            ISSUER + "server { server_name a.org; https auto contact=a@b.org; }",
            "the contact is that of the acme_issuer",
        ),
        (
            "server { ssl_certificate $acme_certificate;"
            "ssl_certificate_key $acme_certificate_key; }",
            'no "acme_certificate" is defined in this server',
        ),
        (
            ISSUER + "server { acme_certificate ca x.test; ssl_certificate $acme_certificate;"
            "ssl_certificate_key x.key; }",
            "$acme_certificate and $acme_certificate_key go together",
        ),
        (
            "server { add_header X $acme_certificate_key; }",
            "$acme_certificate_key can be used in ssl_certificate and ssl_certificate_key only",
        ),
    ],
)
def test_what_does_not_fit_is_said_where_it_stands(text, said):
    assert errors("http", text) == [said]


def test_what_fits_is_taken():
    text = "server { acme_certificate ca a.test; ssl_certificate $acme_certificate;"
    assert errors("http", f"{ISSUER}{text} ssl_certificate_key $acme_certificate_key; }}") == []
