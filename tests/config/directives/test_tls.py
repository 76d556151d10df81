import pytest

from forkproxy.config.directives.tls import ObjectCache, SessionCache
from forkproxy.config.template import Var
from tests.support.configuration import errors, hints, level


def value(name, line, **options):
    return level("server", line, **options).value(name)


def test_a_certificate_is_beside_the_configuration_unless_it_has_variables():
    line = level("server", "ssl_certificate a.crt; ssl_certificate $ssl_server_name.crt;")
    first, second = (found.value for found in line.lines("ssl_certificate"))
    assert first.path.endswith("/a.crt")
    assert second.path is None
    assert second.template == (Var("ssl_server_name"), ".crt")


def test_text_is_left_as_it_is():
    (line,) = level("server", 'ssl_certificate "data:PEM";').lines("ssl_certificate")
    assert line.value.path == "data:PEM"


@pytest.mark.parametrize("name", ["engine:x:y", "store:pkcs11:x"])
def test_keys_out_of_reach_are_refused(name):
    assert errors("server", f"ssl_certificate_key {name};") == [
        f'cannot load "{name}": forkproxy takes files and data: only'
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("off", SessionCache(on=False)),
        ("none", SessionCache()),
        ("builtin", SessionCache(builtin=20480)),
        ("builtin:10", SessionCache(builtin=10)),
        ("shared:a:1m", SessionCache(name="a", size=1 << 20)),
        ("builtin:10 shared:a:1m", SessionCache(builtin=10, name="a", size=1 << 20)),
    ],
)
def test_session_caches(words, expected):
    assert value("ssl_session_cache", f"ssl_session_cache {words};") == expected


@pytest.mark.parametrize(
    "word", ["shared", "shared:a", "shared:a:x", "shared::1m", "builtin:x", "y"]
)
def test_wrong_session_caches(word):
    assert errors("server", f"ssl_session_cache {word};") == [f'invalid session cache "{word}"']


def test_a_session_cache_without_room():
    said = errors("server", "ssl_session_cache shared:a:1k;")
    assert said == ['session cache "shared:a:1k" is too small']


def test_certificate_caches():
    found = value("ssl_certificate_cache", "ssl_certificate_cache max=9 inactive=1m valid=2s;")
    assert found == ObjectCache(9, 60.0, 2.0)
    assert value("ssl_certificate_cache", "ssl_certificate_cache off;") == ObjectCache()
    assert errors("server", "ssl_certificate_cache valid=1s;") == [
        '"ssl_certificate_cache" directive must have the "max" parameter'
    ]
    assert errors("server", "ssl_certificate_cache max=x;") == ['invalid parameter "max=x"']
    assert errors("server", "ssl_certificate_cache other=1;") == ['invalid parameter "other=1"']


def test_a_preset_is_the_default_of_others():
    assert value("ssl_protocols", "") == {"TLSv1.2", "TLSv1.3"}
    assert value("ssl_ciphers", "") == "HIGH:!aNULL:!MD5"
    assert value("ssl_protocols", "ssl_preset modern;") == {"TLSv1.3"}
    assert value("ssl_ciphers", "ssl_preset intermediate;").startswith("ECDHE-ECDSA-AES128-GCM")
    assert value("ssl_ciphers", "ssl_preset intermediate; ssl_ciphers ALL;") == "ALL"


def test_ocsp_of_clients_is_refused_rather_than_left_out():
    (said,) = errors("server", "ssl_ocsp on;")
    assert "not supported" in said
    assert hints("server", "ssl_ocsp off;") == []


def test_files_in_commands_of_openssl_are_beside_the_configuration():
    text = "ssl_conf_command Options SessionTicket; ssl_conf_command Certificate a.crt;"
    first, second = (line.value for line in level("server", text).lines("ssl_conf_command"))
    assert first == ("Options", "SessionTicket")
    assert second[1].endswith("/a.crt")
