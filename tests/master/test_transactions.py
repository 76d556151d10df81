from pathlib import Path

import pytest

from forkproxy.features.tls_certificates import inherit_certificate
from forkproxy.master.reply import Refused
from forkproxy.master.transactions import Pair, Transactions, files_of, pair_of, write
from forkproxy.net.tls_certificate import TlsError
from tests.support.tls import folder


def crt(name):
    return (folder() / f"{name}.crt").read_bytes()


def key(name):
    return (folder() / f"{name}.key").read_bytes()


@pytest.fixture
def names(tmp_path):
    """The files of a certificate and its key."""
    for suffix, octets in ((".crt", crt("localhost")), (".key", key("localhost"))):
        (tmp_path / f"one{suffix}").write_bytes(octets)
    return str(tmp_path / "one.crt"), str(tmp_path / "one.key")


@pytest.fixture
def transactions():
    return Transactions()


def contents(names):
    return tuple(Path(name).read_bytes() for name in names)


def test_pem_is_taken_apart():
    assert pair_of(b"text\n" + crt("rsa") + key("rsa")) == Pair(crt("rsa"), key("rsa"))
    assert pair_of(key("rsa")) == Pair(None, key("rsa"))
    assert pair_of(crt("rsa") + crt("localhost")).certificate == crt("rsa") + crt("localhost")
    for octets in (b"", b"x", key("rsa") * 2, crt("rsa").replace(b"\nM", b"\nN")):
        with pytest.raises(TlsError):
            pair_of(octets)


def test_a_certificate_and_its_key_are_put_down_and_committed(transactions, names):
    assert not transactions.put(names[0], crt("rsa"))
    assert transactions.put(names[0], key("rsa"))
    assert transactions.names() == [names[0]]
    before = transactions.commit(*names)
    assert contents(names) == (crt("rsa"), key("rsa"))
    assert tuple(before[name] for name in names) == (crt("localhost"), key("localhost"))
    assert transactions.names() == []


def test_a_certificate_for_the_same_key_needs_no_key(transactions, names):
    transactions.put(names[0], crt("localhost") + crt("rsa"))
    transactions.commit(*names)
    assert contents(names) == (crt("localhost") + crt("rsa"), key("localhost"))


def test_what_does_not_fit_is_not_written_and_stays(transactions, names):
    transactions.put(names[0], crt("rsa"))
    with pytest.raises(TlsError, match="is not for the key"):
        transactions.commit(*names)
    transactions.put(names[0], key("localhost"))
    with pytest.raises(TlsError):
        transactions.commit(*names)
    assert contents(names) == (crt("localhost"), key("localhost"))
    assert transactions.names() == [names[0]]


def test_one_file_may_hold_both(transactions, tmp_path):
    whole = tmp_path / "both.pem"
    whole.write_bytes(crt("localhost") + key("localhost"))
    transactions.put(str(whole), crt("rsa") + key("rsa"))
    transactions.commit(str(whole), str(whole))
    assert whole.read_bytes() == crt("rsa") + key("rsa")
    transactions.put(str(whole), crt("rsa") + crt("localhost"))
    transactions.commit(str(whole), str(whole))
    assert whole.read_bytes() == crt("rsa") + crt("localhost") + key("rsa")


def test_what_is_given_up_is_gone(transactions, names):
    transactions.put(names[0], crt("rsa"))
    transactions.abort(names[0])
    for act in (transactions.abort, transactions.of, lambda name: transactions.commit(name, name)):
        with pytest.raises(Refused, match="No ongoing transaction!"):
            act(names[0])


def test_files_keep_their_modes_and_their_places(names, tmp_path):
    Path(names[1]).chmod(0o640)
    link = tmp_path / "link.key"
    link.symlink_to(names[1])
    write({str(link): b"new"})
    assert link.is_symlink()
    assert contents(names[1:]) == (b"new",)
    assert Path(names[1]).stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 3


def test_none_is_written_where_one_cannot_be(names, tmp_path):
    with pytest.raises(OSError, match="none"):
        write({names[0]: b"new", str(tmp_path / "none" / "x"): b"new"})
    assert contents(names) == (crt("localhost"), key("localhost"))
    assert len(list(tmp_path.iterdir())) == 2


def test_certificates_have_files_where_they_came_out_of_some(names):
    found = inherit_certificate(*names, ())
    assert files_of([found]) == {names[0]: names[1]}
    inline = inherit_certificate("data:" + crt("rsa").decode(), "data:" + key("rsa").decode(), ())
    assert files_of([inline]) == {}
