"""Certificates come out of files or text; those with variables in their names each time."""

import os
import shutil
import ssl
import threading

import pytest

from forkproxy.config.directives.tls import ObjectCache
from forkproxy.features.tls_certificates import (
    CertificateCache,
    inherit_certificate,
    passwords,
    read_pem,
)
from forkproxy.net.tls_certificate import TlsError
from tests.support.eventually import eventually
from tests.support.inside import Inside
from tests.support.tls import TlsClient, folder

BY_NAME = """
    server { listen %PORT% ssl; server_name localhost;
    ssl_certificate %FOLDER%/$ssl_server_name.crt;
    ssl_certificate_key %FOLDER%/$ssl_server_name.key; return 200 here; }
"""


def common_name(client):
    return client.socket.getpeercert()["subject"][0][0][1]


def copied(where, name):
    """Copy a certificate and its key; return their paths."""
    for suffix in (".crt", ".key"):
        shutil.copy(folder() / (name + suffix), where / ("it" + suffix))
    return str(where / "it.crt"), str(where / "it.key")


def test_a_name_may_have_variables():
    with Inside(BY_NAME, FOLDER=folder()) as server:
        for name in ("localhost", "other.test"):
            with TlsClient(server.address, name) as client:
                assert common_name(client) == name
                assert client.get().body == b"here"


def test_a_handshake_for_which_there_is_no_file_fails_and_says_why():
    with Inside(BY_NAME, FOLDER=folder()) as server:
        with pytest.raises(ssl.SSLError):
            TlsClient(server.address, "nobody.test")
        eventually(lambda: "nobody.test.crt" in server.errors(), what="the reason in the log")
        TlsClient(server.address).close()


def test_text_may_come_out_of_a_variable():
    http = 'map $ssl_server_name $pem {{ default "data:{0}"; }}'
    pem = (folder() / "localhost.crt").read_text() + (folder() / "localhost.key").read_text()
    text = (
        "server { listen %PORT% ssl; ssl_certificate $pem; ssl_certificate_key $pem; return 200; }"
    )
    with Inside(text, http=http.format(pem)) as server:
        TlsClient(server.address).close()


def test_what_was_read_is_kept_and_looked_at_again(tmp_path):
    names = copied(tmp_path, "localhost")
    cache = CertificateCache(ObjectCache(most=4, inactive=60.0, valid=60.0))
    first = cache.get(*names, ())
    copied(tmp_path, "other.test")
    assert cache.get(*names, ()) is first
    strict = CertificateCache(ObjectCache(most=4, inactive=60.0, valid=0.0))
    second = strict.get(*names, ())
    assert strict.get(*names, ()) is second
    for name in names:
        os.utime(name, (1, 1))
    assert strict.get(*names, ()) is not second


def test_the_least_used_goes_first(tmp_path):
    cache = CertificateCache(ObjectCache(most=2, inactive=60.0, valid=60.0))
    names = copied(tmp_path, "localhost")
    first = cache.get(*names, ())
    cache.get(str(folder() / "client.crt"), str(folder() / "client.key"), ())
    assert cache.get(*names, ()) is not first


def test_without_a_cache_each_handshake_reads(tmp_path):
    names = copied(tmp_path, "localhost")
    cache = CertificateCache(ObjectCache())
    assert cache.get(*names, ()) is not cache.get(*names, ())


def test_a_key_with_a_password_is_not_kept(tmp_path):
    name = copied(tmp_path, "localhost")[0]
    key = str(folder() / "locked.key")
    cache = CertificateCache(ObjectCache(4))
    first = cache.get(name, key, (b"sesame",))
    assert cache.get(name, key, (b"sesame",)) is not first
    with pytest.raises(TlsError):
        cache.get(name, key, ())


def test_a_reload_parses_what_has_changed(tmp_path):
    names = copied(tmp_path, "localhost")
    first = inherit_certificate(*names, ())
    assert inherit_certificate(*names, ()) is first
    for name in names:
        os.utime(name, (1, 1))
    assert inherit_certificate(*names, ()) is not first


def test_passwords_are_lines():
    assert passwords(str(folder() / "passwords")) == (b"wrong", b"sesame")
    with pytest.raises(TlsError, match=r'open\(\) "/none" failed'):
        passwords("/none")


def test_data_is_text():
    assert read_pem("data:PEM") == b"PEM"


def test_a_pipe_is_read_once_however_often_it_is_named(tmp_path):
    names = [tmp_path / name for name in ("it.crt", "it.key", "ca.pem")]
    for name, content in zip(names, ("localhost.crt", "localhost.key", "ca.pem"), strict=True):
        os.mkfifo(name)
        write = threading.Thread(target=name.write_bytes, args=[(folder() / content).read_bytes()])
        write.daemon = True
        write.start()
    block = (
        "server {{ listen %PORT{0}% ssl; ssl_verify_client optional; return 200 here;"
        "ssl_certificate %FOLDER%/it.crt; ssl_certificate_key %FOLDER%/it.key;"
        "ssl_client_certificate %FOLDER%/ca.pem; ssl_verify_depth {0}; }}"
    )
    with Inside(block.format(1), block.format(2), FOLDER=tmp_path) as server:
        for word in ("PORT1", "PORT2"):
            with TlsClient(server.word(word)) as client:
                assert client.get().body == b"here"
