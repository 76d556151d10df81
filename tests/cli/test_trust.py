import argparse

import pytest

from forkproxy.cli import trust
from forkproxy.cli.trust import Store, TrustError


def test_the_root_is_below_the_prefix(tmp_path):
    (tmp_path / "nginx.conf").write_text("events {} http { }")
    options = argparse.Namespace(
        conf=str(tmp_path / "nginx.conf"), prefix=str(tmp_path), directives=None
    )
    path = trust.root_path(options)
    assert path == tmp_path / "forkproxy.state/internal/root.crt"
    with pytest.raises(TrustError, match="it is made when"):
        trust.read(path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"pem")
    assert trust.read(path) == b"pem"


def test_the_store_is_the_one_that_is_there(tmp_path):
    none = Store(str(tmp_path / "none"), ("true",))
    unknown = Store(str(tmp_path), ("no-such-program",))
    there = Store(str(tmp_path), ("true",))
    assert trust.find_store([none, unknown, there]) == there
    assert trust.find_store([none, unknown]) is None


def test_a_root_is_installed_and_removed(tmp_path):
    target = tmp_path / trust.file_name(b"pem")
    trust.install(b"pem", target, ("true",))
    assert target.read_bytes() == b"pem"
    assert trust.remove(target, ("true",))
    assert not target.exists()
    assert not trust.remove(target, ("true",))


def test_a_program_that_fails_and_a_folder_that_is_not_ours_are_said(tmp_path):
    with pytest.raises(TrustError, match="false ended with 1"):
        trust.install(b"pem", tmp_path / "x.crt", ("false",))
    with pytest.raises(TrustError, match="are you root"):
        trust.install(b"pem", tmp_path / "none" / "x.crt", ("true",))


def test_two_roots_have_two_names():
    assert trust.file_name(b"a") != trust.file_name(b"b")
