import pytest

from forkproxy.config.directives.keyval import KeyvalZone
from forkproxy.master.commands import Level
from tests.support.administration import Master, tell


@pytest.fixture
def master():
    master = Master(keyvals=[KeyvalZone("users", 1024), KeyvalZone("banned", 1024, "ip")])
    master.keyvals.add("users", {"ada": ("the admins", None)})
    return master


def test_maps_are_listed_and_shown(master):
    assert tell(master, "show map") == (
        "# id (file) description\n0 (users) keyval zone\n1 (banned) keyval zone"
    )
    assert tell(master, "show map users") == "0x1 ada the admins"
    assert tell(master, "show map #0") == "0x1 ada the admins"


def test_a_key_is_found_or_not(master):
    assert tell(master, "get map users ada") == (
        'type=str, case=sensitive, found=yes, idx=tree, key="ada", value="the admins", type="str"'
    )
    assert tell(master, "get map users bob") == "type=str, case=sensitive, found=no"


def test_entries_are_added_changed_and_deleted(master):
    assert tell(master, r"add map users bob two\ words") == ""
    assert tell(master, "set map users ada users") == ""
    assert master.keyvals.pairs("users") == {"ada": "users", "bob": "two words"}
    assert tell(master, "del map users ada") == ""
    assert tell(master, "clear map users") == ""
    assert master.keyvals.pairs("users") == {}


def test_a_payload_adds_many(master):
    assert tell(master, "add map users", payload="bob two words\n\neve  x\n") == ""
    assert master.keyvals.pairs("users") == {"ada": "the admins", "bob": "two words", "eve": "x"}


def test_an_acl_is_a_set_of_addresses(master):
    assert tell(master, "add acl banned 10.0.0.0/8") == ""
    assert tell(master, "show acl banned") == "0x1 10.0.0.0/8"
    assert tell(master, "get acl banned 10.1.2.3").startswith("type=str, case=sensitive, found=yes")
    assert tell(master, "del acl banned 10.0.0.0/8") == ""
    assert master.keyvals.pairs("banned") == {}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("show map none", "Unknown map identifier. Please use #<id> or <file>."),
        ("add map #7 k v", "Unknown map identifier. Please use #<id> or <file>."),
        ("add map users k", "'add map' expects three parameters (map identifier, key and value)"),
        ("set map users ada", "'set map' expects three parameters: map identifier, key and value."),
        ("set map users bob x", "entry not found."),
        ("del map users bob", "Key not found."),
        ("add map users ada x", "key already exists"),
        ("add acl banned x", "not an address or CIDR"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(master, text, answer):
    assert tell(master, text) == answer
    assert master.keyvals.pairs("users") == {"ada": "the admins"}
    assert len(master.told) == 1


def test_who_may_only_look_changes_nothing(master):
    assert tell(master, "clear map users", Level.OPERATOR) == "Permission denied"
    assert tell(master, "show map users", Level.USER) == "0x1 ada the admins"
