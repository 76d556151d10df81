from pathlib import Path

import pytest

from forkproxy.features.tls_certificates import inherit_certificate
from forkproxy.master.commands import Level
from forkproxy.master.reply import Reply
from tests.support.administration import Master, tell
from tests.support.tls import folder


def text(*names):
    return "".join((folder() / name).read_text() for name in names)


@pytest.fixture
def file(tmp_path):
    for suffix in (".crt", ".key"):
        (tmp_path / f"one{suffix}").write_text(text(f"localhost{suffix}"))
    return str(tmp_path / "one.crt")


@pytest.fixture
def master(file):
    master = Master()
    master.shown = [inherit_certificate(file, file.replace(".crt", ".key"), ())]
    return master


def test_certificates_are_listed_and_described(master, file):
    assert tell(master, "show ssl cert") == f"# filename\n{file}"
    lines = tell(master, f"show ssl cert {file}").splitlines()
    assert lines[:2] == [f"Filename: {file}", "Status: Used"]
    assert "Subject: /CN=localhost" in lines


def test_what_is_put_down_is_shown_and_given_up(master, file):
    put = tell(master, f"set ssl cert {file}", payload=text("rsa.crt", "rsa.key"))
    assert put == f"Transaction created for certificate {file}!"
    again = tell(master, f"set ssl cert {file}", payload=text("rsa.crt", "rsa.key"))
    assert again == f"Transaction updated for certificate {file}!"
    assert tell(master, "show ssl cert") == f"# transaction\n*{file}\n# filename\n{file}"
    shown = tell(master, f"show ssl cert *{file}").splitlines()
    assert shown[:2] == [f"Filename: *{file}", "Status: Unused"]
    assert "Algorithm: RSA2048" in shown
    ended = f"Transaction aborted for certificate '{file}'!"
    assert tell(master, f"abort ssl cert {file}") == ended
    assert tell(master, f"abort ssl cert {file}") == "No ongoing transaction!"


def test_a_commit_is_answered_when_the_reload_has_been(master, file):
    tell(master, f"set ssl cert {file}", payload=text("rsa.crt"))
    tell(master, f"set ssl cert {file.replace('.crt', '.key')}", payload=text("rsa.key"))
    assert tell(master, f"commit ssl cert {file}") is None
    assert Path(file).read_text() == text("rsa.crt")
    ((_, client, reworded),) = master.asked
    assert client == 7
    assert reworded(Reply("reloaded")).text == f"Committing {file}.\nSuccess!"


def test_after_a_reload_that_fails_the_files_are_as_they_were(master, file):
    tell(master, f"set ssl cert {file}", payload=text("rsa.crt", "rsa.key"))
    tell(master, f"commit ssl cert {file}")
    ((_, _, reworded),) = master.asked
    failed = reworded(Reply("unknown directive", status=500))
    assert failed == Reply(f"unknown directive\nCan't commit {file}!", status=500)
    assert Path(file).read_text() == text("localhost.crt")
    assert Path(file.replace(".crt", ".key")).read_text() == text("localhost.key")


@pytest.mark.parametrize(
    ("line", "payload", "answer"),
    [
        ("show ssl cert none", "", "Can't display the certificate: Not found"),
        ("show ssl cert *FILE", "", "Can't display the certificate: Not found"),
        ("set ssl cert", "", "'set ssl cert expects a filename and a certificate"),
        ("set ssl cert FILE", "", "'set ssl cert expects a filename and a certificate"),
        ("set ssl cert none", "x", "Can't replace a certificate which is not referenced"),
        ("set ssl cert FILE", "garbage", "unable to load certificate from file 'FILE'"),
        ("commit ssl cert", "", "'commit ssl cert expects a filename"),
        ("commit ssl cert FILE", "", "No ongoing transaction!\nCan't commit FILE!"),
        ("abort ssl cert", "", "'abort ssl cert' expects a filename"),
        ("abort ssl cert none", "", "No ongoing transaction!"),
    ],
)
def test_what_is_wrong_is_told_in_haproxys_words(master, file, line, payload, answer):
    said = tell(master, line.replace("FILE", file), payload=payload)
    assert said.startswith(answer.replace("FILE", file))
    assert master.asked == []


def test_a_certificate_that_does_not_fit_its_key_is_not_committed(master, file):
    tell(master, f"set ssl cert {file}", payload=text("rsa.crt"))
    assert "is not for the key in" in tell(master, f"commit ssl cert {file}")
    assert master.asked == []


def test_who_may_only_look_replaces_nothing(master, file):
    for words in ("set ssl cert", "commit ssl cert", "abort ssl cert"):
        assert tell(master, f"{words} {file}", Level.OPERATOR) == "Permission denied"
