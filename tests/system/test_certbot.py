"""certbot's own nginx plugin drives forkproxy: it finds, parses, edits and tests a configuration.

It needs certbot and certbot-nginx (from PyPI), and is skipped, visibly, where they are not.
"""

import sys
from pathlib import Path

import pytest

from tests.support.sockets import free_port

pytest.importorskip("certbot_nginx", reason="certbot and certbot-nginx are not installed")
configuration = pytest.importorskip("certbot.configuration")
try:
    from certbot._internal.plugins.nginx import configurator
except ImportError:  # before certbot 5.7 the plugin had its own package
    from certbot_nginx._internal import configurator

SHIM = Path(sys.executable).with_name("forkproxy-nginx")
display = pytest.importorskip("certbot._internal.display.obj")
CONF = """\
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    include sites/*.conf;
}}
"""
SITE = """\
server {{
    listen {port}; # a comment that stays
    server_name shop.example www.shop.example;
    location / {{ return 204; }}
}}
"""


@pytest.fixture
def certbot(tmp_path):
    """The plugin, prepared for a folder, with forkproxy in nginx's place."""
    if not SHIM.exists():
        pytest.skip("forkproxy-nginx is not installed beside this Python")
    for name in ("sites", "config", "work", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "nginx.conf").write_text(CONF.format(folder=tmp_path))
    (tmp_path / "sites" / "shop.conf").write_text(SITE.format(port=free_port()))
    display.set_display(display.NoninteractiveDisplay(sys.stdout))
    options = configuration.NamespaceConfig(namespace(tmp_path))
    plugin = configurator.NginxConfigurator(options, "nginx")
    plugin.prepare()
    return plugin


def namespace(folder):
    """Return the options that certbot would have from its command line."""
    from certbot._internal import cli, plugins

    found = plugins.disco.PluginsRegistry.find_all()
    given = ["--nginx-ctl", str(SHIM), "--nginx-server-root", str(folder)]
    where = [f"--{name}-dir={folder / name}" for name in ("config", "work", "logs")]
    return cli.prepare_and_parse_args(found, ["run", *where, *given])


def test_the_version_and_the_modules_are_understood(certbot):
    assert certbot.version >= (1, 22, 0)
    assert certbot.openssl_version


def test_the_names_of_the_servers_are_found(certbot):
    assert certbot.get_all_names() == {"shop.example", "www.shop.example"}


def test_a_configuration_that_is_good_passes_and_a_broken_one_does_not(certbot, tmp_path):
    certbot.config_test()
    (tmp_path / "sites" / "broken.conf").write_text("server { listn 80; }")
    with pytest.raises(Exception, match="listn"):
        certbot.config_test()


def certificate(folder):
    """Return the paths of a key and a certificate that signs itself."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_a_certificate_is_deployed_and_taken_back(certbot, tmp_path):
    site = tmp_path / "sites" / "shop.conf"
    before = site.read_text()
    cert, key = certificate(tmp_path)
    certbot.deploy_cert("shop.example", cert, key, cert, cert)
    certbot.save("a certificate", temporary=True)
    after = site.read_text()
    assert f"ssl_certificate {cert};" in after
    assert "# a comment that stays" in after
    certbot.config_test()
    certbot.recovery_routine()
    assert site.read_text() == before
    certbot.config_test()
