"""The nginx.conf that `forkproxy proxy` stands for."""

import re
import subprocess

import pytest

from forkproxy.cli.main import main
from forkproxy.cli.proxy import application, configuration, listening
from forkproxy.errors import ConfigError
from tests.support.proxy import Nginx


@pytest.mark.parametrize(
    ("given", "directive"),
    [
        (":8080", "8080"),
        ("8080", "8080"),
        ("127.0.0.1:80", "127.0.0.1:80"),
        ("[::1]:80", "[::1]:80"),
        ("unix:/run/front.sock", "unix:/run/front.sock"),
    ],
)
def test_where_it_listens(given, directive):
    assert listening(given) == directive


@pytest.mark.parametrize(
    ("given", "address", "path"),
    [
        (":3000", "127.0.0.1:3000", ""),
        ("3000", "127.0.0.1:3000", ""),
        ("localhost:3000", "localhost:3000", ""),
        ("app.internal", "app.internal", ""),
        ("[::1]:3000", "[::1]:3000", ""),
        ("http://app:3000", "app:3000", ""),
        ("http://app:3000/", "app:3000", ""),
        ("http://app:3000/v1", "app:3000", "/v1/"),
        ("http://app:3000/v1/", "app:3000", "/v1/"),
        ("unix:/run/app.sock", "unix:/run/app.sock", ""),
    ],
)
def test_what_it_passes_to(given, address, path):
    assert (application(given).address, application(given).path) == (address, path)


@pytest.mark.parametrize(
    "given",
    ["", " ", "a b", "a;b", "a{", '"a"', "a\nb", "$host", "https://a", ":", ":0", "65536", "/path"],
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(ConfigError, match="--to"):
        application(given)


def test_several_applications_are_one_upstream():
    text = configuration(":80", [":1", ":2"])
    assert re.findall(r"^ +server (\S+);", text, re.MULTILINE) == ["127.0.0.1:1", "127.0.0.1:2"]


def test_several_applications_share_their_path():
    assert "proxy_pass http://application/v1/;" in configuration(":80", [":1/v1", ":2/v1/"])
    with pytest.raises(ConfigError, match="share one path"):
        configuration(":80", [":1/v1", ":2/v2"])


def test_print_config_prints_and_serves_nothing(capsys):
    assert main(["proxy", "--from", ":8099", "--to", ":3000", "--print-config"]) == 0
    assert capsys.readouterr().out == configuration(":8099", [":3000"])


def test_nginx_takes_the_same_text(tmp_path):
    if not Nginx.installed():
        pytest.skip("nginx is not installed")
    file = tmp_path / "nginx.conf"
    file.write_text(f"pid {tmp_path}/pid;\n" + configuration("127.0.0.1:8099", [":1", ":2"]))
    (tmp_path / "logs").mkdir()
    check = [Nginx.binary(), "-t", "-q", "-p", tmp_path, "-e", "stderr", "-c", file]
    done = subprocess.run(check, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
