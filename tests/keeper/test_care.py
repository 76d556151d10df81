import pytest

from forkproxy import clock
from forkproxy.acme import internal, keys
from forkproxy.acme.folder import Folder
from forkproxy.acme.managed import Managed
from forkproxy.config.issuers import Issuer, Wanted
from forkproxy.keeper.care import Care

DAY = 86400.0


@pytest.fixture
def folder(tmp_path):
    return Folder(str(tmp_path))


def care(folder, uri=""):
    return Care(Managed(Wanted((Issuer("ca", str(folder.path), uri),), ("a.test",))), folder)


def issue(folder):
    wanted = care(folder).managed.wanted
    folder.write(f"{wanted.name}.pem", internal.issue(folder, wanted))


def test_what_is_not_there_is_due_at_once(folder):
    one = care(folder)
    one.recall(keys.life)
    assert one.due_at == 0.0
    assert one.shown()["state"] == "waiting"
    assert one.shown()["issuer"] == "ca"


def test_what_is_there_is_due_in_time(folder):
    issue(folder)
    one = care(folder)
    one.recall(keys.life)
    assert clock.wall() + 4 * DAY < one.due_at < one.ends_at - 2 * DAY
    assert one.shown()["state"] == "issued"


def test_only_an_issuer_elsewhere_has_an_opinion(folder):
    issue(folder)
    one, other = care(folder), care(folder, "https://ca.test/")
    one.look(keys.life)
    other.look(keys.life)
    assert one.ask_at == float("inf")
    assert other.ask_at <= clock.wall()


def test_the_next_keeper_knows_what_this_one_has_noted(folder):
    issue(folder)
    one = care(folder)
    one.look(keys.life)
    one.signer, one.error, one.failures, one.refused = "ca", "no", 3, True
    one.next_at, one.renew_at = 5000.0, 6000.0
    one.note()
    two = care(folder)
    two.recall(keys.life)
    assert (two.signer, two.error, two.failures, two.refused) == ("ca", "no", 3, True)
    assert (two.next_at, two.renew_at) == (5000.0, 6000.0)
    assert two.shown()["state"] == "failing"


def test_the_moment_of_a_renewal_belongs_to_one_certificate(folder):
    issue(folder)
    one = care(folder)
    one.look(keys.life)
    one.renew_at, one.ends_at = 6000.0, 7000.0
    one.note()
    two = care(folder)
    two.recall(keys.life)
    assert two.renew_at > clock.wall()


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"failures": "x"}', b'{"next_at": []}'])
def test_a_note_that_makes_no_sense_is_none(folder, text):
    folder.write(f"{care(folder).managed.wanted.name}.json", text)
    one = care(folder)
    one.recall(keys.life)
    assert one.due_at == 0.0
    assert one.failures == 0
