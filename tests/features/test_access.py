"""allow and deny: the first rule that fits decides."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside


def status(rules, target=b"/file", **given):
    with Inside(f"root %PREFIX%; {rules}", **given) as server:
        server.write("file", b"file")
        return get(server.address, target).status


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("", 200),
        ("allow all;", 200),
        ("deny all;", 403),
        ("deny 127.0.0.1;", 403),
        ("allow 127.0.0.0/8; deny all;", 200),
        ("deny all; allow 127.0.0.1;", 403),
        ("deny 10.0.0.0/8;", 200),
        ("deny unix:;", 200),
        ("deny ::1;", 200),
        ("deny all; location /file { allow all; }", 200),
        ("deny all; location /file { }", 403),
    ],
)
def test_the_first_rule_that_fits_decides(rules, expected):
    assert status(rules) == expected


def test_either_word_replaces_the_rules_of_the_level_around():
    assert status("deny 127.0.0.1;", http="allow all;") == 403
    assert status("allow 10.0.0.1;", http="deny all;") == 200


def test_a_refusal_is_logged():
    with Inside("deny all;") as server:
        get(server.address)
        assert "access forbidden by rule, client: 127.0.0.1" in server.errors()


def test_a_refusal_has_its_error_page():
    conf = """
        error_page 403 =200 /page;
        location / { deny all; }
        location = /page { root %PREFIX%; try_files /file =404; }
    """
    assert status(conf) == 200
