"""`forkproxy config`: there and back again."""

import io
import json
import sys
from types import SimpleNamespace

import pytest

from forkproxy.cli.main import main

CONF = (
    "events { }\nhttp {\n    keepalive_timeout 5s;\n    server {\n        listen 8080;\n    }\n}\n"
)


@pytest.fixture
def conf(tmp_path):
    path = tmp_path / "nginx.conf"
    path.write_text(CONF)
    return str(path)


def test_json_is_what_it_prints(conf, capsys):
    assert main(["config", "-c", conf]) == 0
    plain = capsys.readouterr().out
    assert main(["config", "-c", conf, "--json"]) == 0
    assert capsys.readouterr().out == plain
    (file,) = json.loads(plain)["config"]
    assert [one["directive"] for one in file["parsed"]] == ["events", "http"]


def test_text_is_the_same_laid_out_anew(conf, capfdbinary):
    assert main(["config", "-c", conf, "--text"]) == 0
    assert capfdbinary.readouterr().out.decode() == CONF


def test_directives_of_the_command_line_are_none_of_the_files(conf, capsys):
    assert main(["config", "-c", conf, "-g", "worker_processes 3;"]) == 0
    assert json.loads(capsys.readouterr().out)["config"][0]["file"] == conf


def test_resolved_says_what_holds_and_where_it_comes_from(conf, capsys):
    assert main(["config", "-c", conf, "--resolved"]) == 0
    http = json.loads(capsys.readouterr().out)["config"][0]["parsed"][1]
    (server,) = (one for one in http["block"] if one["directive"] == "server")
    assert server["resolved"]["keepalive_timeout"] == [{"args": ["5s"], "file": conf, "line": 3}]
    assert server["resolved"]["send_timeout"] == [{"value": "1m", "default": True}]
    assert "listen" not in server["resolved"]
    assert "keepalive_timeout" not in http["resolved"]


def test_a_payload_becomes_text_again(conf, tmp_path, capfdbinary):
    main(["config", "-c", conf])
    (tmp_path / "payload").write_bytes(capfdbinary.readouterr().out)
    assert main(["config", "--payload", str(tmp_path / "payload"), "--text"]) == 0
    assert capfdbinary.readouterr().out.decode() == CONF


def test_a_payload_may_come_from_standard_input(monkeypatch, capsys):
    text = b'{"config": [{"parsed": [{"directive": "events", "args": [], "block": []}]}]}'
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert main(["config", "--payload", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["config"]


@pytest.mark.parametrize("text", ["", "[]", "{]", "[" * 100_000])
def test_what_is_no_payload_is_an_error(text, tmp_path, capsys):
    (tmp_path / "payload").write_text(text)
    assert main(["config", "--payload", str(tmp_path / "payload"), "--text"]) == 1
    assert capsys.readouterr().err.startswith("forkproxy: ")


def test_the_schema_needs_no_configuration(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["config", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"]


def test_a_bad_configuration_is_reported(tmp_path, capsys):
    (tmp_path / "bad.conf").write_text("htp { }")
    assert main(["config", "-c", str(tmp_path / "bad.conf")]) == 1
    assert 'unknown directive "htp"' in capsys.readouterr().err
