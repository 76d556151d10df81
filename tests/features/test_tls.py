"""What a server says about TLS, and what is wrong with it when the configuration is loaded."""

import ssl

import pytest

from forkproxy.errors import ConfigError
from tests.support.inside import Inside
from tests.support.tls import TlsClient, client_context, folder, server_lines

FILES = "ssl_certificate {0}/{1}.crt; ssl_certificate_key {0}/{1}.key;"


def serving(text, certificates=None, http=""):
    lines = server_lines() if certificates is None else certificates
    return Inside(f"server {{ listen %PORT% ssl; {lines} {text} return 200 here; }}", http=http)


def refusal(text, certificates=None, http=""):
    with pytest.raises(ConfigError) as error:
        serving(text, certificates, http)
    return str(error.value)


def sessions(address, version, context=None):
    """Return whether each of three connections, with the session of the one before, was resumed."""
    context = client_context(version=version)
    session = None
    found = []
    for _ in range(3):
        with TlsClient(address, context=context, session=session) as client:
            client.get()
            found.append(client.socket.session_reused)
            session = client.socket.session
    return found


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def test_without_a_certificate_the_address_cannot_be_served():
    assert refusal("", "") == 'no "ssl_certificate" is defined for the "listen ... ssl" directive'


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("ssl_certificate /none.crt;\nssl_certificate_key {0}/rsa.key;", "/none.crt"),
        ("ssl_certificate {0}/rsa.crt;\nssl_certificate_key /none.key;", "/none.key"),
        ("%FILES%\nssl_dhparam /none.dh;", "/none.dh"),
    ],
)
def test_a_file_that_cannot_be_read_is_shown_where_it_is_named(lines, named):
    text = lines.replace("%FILES%", FILES.format("{0}", "rsa")).format(folder())
    with pytest.raises(ConfigError) as caught:
        serving("", "\n" + text)
    error = caught.value
    assert f'"{named}"' in error.reason
    assert error.column == 1
    assert error.line > 1


def test_a_certificate_needs_a_key():
    said = refusal("", f"ssl_certificate {folder()}/localhost.crt;")
    assert said.startswith('no "ssl_certificate_key" is defined for certificate')


def test_a_missing_file_is_named():
    said = refusal("", "ssl_certificate none.crt; ssl_certificate_key none.key;")
    assert said.startswith("cannot load certificate")
    assert "none.crt" in said


def test_verifying_clients_needs_authorities():
    assert 'no "ssl_client_certificate"' in refusal("ssl_verify_client on;")


def test_a_server_that_only_rejects_needs_no_certificate():
    text = (
        f"server {{ listen %PORT% ssl default_server; ssl_reject_handshake on; }}"
        f"server {{ listen %PORT%; server_name localhost; {server_lines()} return 200 here; }}"
    )
    with Inside(text) as server:
        with pytest.raises(ssl.SSLError, match="unrecognized name"):
            TlsClient(server.address, "other.test")
        with TlsClient(server.address) as client:
            assert client.get().body == b"here"


def test_certificates_are_inherited():
    with serving("", "", http=server_lines()) as server, TlsClient(server.address) as client:
        assert client.get().body == b"here"


def test_rsa_and_ecdsa_are_chosen_by_what_the_client_can():
    both = server_lines() + FILES.format(folder(), "rsa")
    with serving("ssl_protocols TLSv1.2;", both) as server:
        for kind in ("ECDSA", "RSA"):
            context = client_context(version=ssl.TLSVersion.TLSv1_2)
            context.set_ciphers(f"ECDHE-{kind}-AES128-GCM-SHA256")
            with TlsClient(server.address, context=context) as client:
                assert kind in client.socket.cipher()[0]


def test_a_key_may_have_a_password():
    lines = f"ssl_certificate {folder()}/localhost.crt; ssl_certificate_key {folder()}/locked.key;"
    with (
        serving(f"ssl_password_file {folder()}/passwords;", lines) as server,
        TlsClient(server.address) as client,
    ):
        assert client.get().body == b"here"


def test_pem_may_stand_in_the_configuration():
    pem = (folder() / "localhost.crt").read_text() + (folder() / "localhost.key").read_text()
    lines = f'ssl_certificate "data:{pem}"; ssl_certificate_key "data:{pem}";'
    with serving("", lines) as server, TlsClient(server.address) as client:
        assert client.get().body == b"here"


@pytest.mark.parametrize("version", VERSIONS)
def test_sessions_are_resumed_by_tickets(version):
    with serving("") as server:
        assert sessions(server.address, version) == [False, True, True]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("cache", ["shared:{}:1m", "builtin", "builtin:100"])
def test_sessions_are_resumed_out_of_a_cache(version, cache):
    cache = cache.format(f"{version.name}")
    with serving(f"ssl_session_cache {cache}; ssl_session_tickets off;") as server:
        assert sessions(server.address, version) == [False, True, True]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("cache", ["off", "none"])
def test_without_tickets_and_cache_none_is(version, cache):
    with serving(f"ssl_session_cache {cache}; ssl_session_tickets off;") as server:
        assert sessions(server.address, version) == [False, False, False]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tickets", ["on", "off"])
def test_the_next_generation_resumes_sessions_of_the_last(version, tickets):
    context = client_context(version=version)
    session = None
    for expected in (False, True):
        cache = (
            f"ssl_session_cache shared:{version.name}{tickets}:1m; ssl_session_tickets {tickets};"
        )
        with (
            serving(cache) as server,
            TlsClient(server.address, context=context, session=session) as client,
        ):
            client.get()
            assert client.socket.session_reused == expected
            session = client.socket.session


def test_versions_are_as_given():
    with serving("ssl_protocols TLSv1.3;") as server:
        with pytest.raises(ssl.SSLError):
            TlsClient(server.address, version=ssl.TLSVersion.TLSv1_2)
        TlsClient(server.address, version=ssl.TLSVersion.TLSv1_3).close()


def test_the_order_of_ciphers_is_the_server_s_where_it_says_so():
    text = "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384;"
    for more, expected in (("ssl_prefer_server_ciphers on;", "128"), ("", "256")):
        context = client_context(version=ssl.TLSVersion.TLSv1_2)
        context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256")
        with serving(text + more) as server, TlsClient(server.address, context=context) as client:
            assert expected in client.socket.cipher()[0]


def test_a_preset_sets_the_defaults():
    with serving("ssl_preset modern;") as server, pytest.raises(ssl.SSLError):
        TlsClient(server.address, version=ssl.TLSVersion.TLSv1_2)
    with serving("ssl_preset modern; ssl_protocols TLSv1.2;") as server:
        TlsClient(server.address, version=ssl.TLSVersion.TLSv1_2).close()
    context = client_context(version=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    with serving("ssl_preset intermediate;") as server, pytest.raises(ssl.SSLError):
        TlsClient(server.address, context=context)


def test_a_ticket_key_of_another_size_is_refused():
    (folder() / "short").write_bytes(b"x" * 47)
    said = refusal(f"ssl_session_ticket_key {folder()}/short;")
    assert said == f'"{folder()}/short" must be 48 or 80 bytes'


def test_commands_of_openssl_are_done():
    with serving("ssl_conf_command Options -SessionTicket;") as server:
        assert sessions(server.address, ssl.TLSVersion.TLSv1_2) == [False, False, False]
    assert 'SSL_CONF_cmd("Nonsense", "x") failed' in refusal("ssl_conf_command Nonsense x;")


NAMES = ("localhost", "other.test", "rsa")
_SERVER = "server {{{{ listen %PORT% ssl; server_name {1}; {0} return 200; }}}}"
THREE = "".join(_SERVER.format(FILES.format("{0}", name), name) for name in NAMES)


def shown(client):
    return ssl.DER_cert_to_PEM_cert(client.socket.getpeercert(binary_form=True))


@pytest.mark.parametrize("version", VERSIONS)
def test_servers_of_the_same_rules_show_each_its_own_certificate(version):
    with Inside(THREE.format(folder())) as server:
        for name in (*NAMES, *reversed(NAMES)):
            with TlsClient(server.address, name, version=version, verify=False) as client:
                assert shown(client) == (folder() / f"{name}.crt").read_text()


@pytest.mark.parametrize("version", VERSIONS)
def test_of_these_none_resumes_a_session_of_another(version):
    context = client_context(version=version, verify=False)
    with Inside(THREE.format(folder())) as server:
        with TlsClient(server.address, "other.test", context=context) as client:
            client.get()
            session = client.socket.session
        for name, expected in (("rsa", False), ("other.test", True)):
            with TlsClient(server.address, name, context=context, session=session) as client:
                assert client.socket.session_reused == expected


def test_a_certificate_too_weak_for_the_rules_is_refused_whichever_server_shows_it():
    weak = "ssl_ciphers DEFAULT@SECLEVEL=3;"
    refused = "server {{ listen %PORT% ssl; {0} {1} return 200; }}"
    with pytest.raises(ConfigError, match="ee key too small"):
        Inside(
            refused.format(server_lines(), weak),
            refused.format(FILES.format(folder(), "rsa"), "server_name rsa; " + weak),
        )


def test_a_command_of_openssl_goes_before_the_certificates_of_its_server_alone():
    other = f"ssl_conf_command Certificate {folder()}/rsa.crt;"
    other += f"ssl_conf_command PrivateKey {folder()}/rsa.key;"
    block = "server {{ listen %PORT% ssl; server_name {0}; {1} {2} return 200; }}"
    text = block.format("first", "", server_lines()) + block.format("other", other, server_lines())
    with Inside(text) as server:
        for name, certificate in (("first", "localhost"), ("other", "rsa")):
            context = client_context(version=ssl.TLSVersion.TLSv1_2, verify=False)
            context.set_ciphers("aRSA" if name == "other" else "aECDSA")
            with TlsClient(server.address, name, context=context) as client:
                assert shown(client) == (folder() / f"{certificate}.crt").read_text()
