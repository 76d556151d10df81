import bisect
import zlib
from collections import Counter

from forkproxy.upstream.balance.ring import Ring
from tests.support.peers import chosen, key, peer, upstream

LINES = ["10.0.0.1:81", "10.0.0.2 weight=2", "unix:/run/app.sock", "10.0.0.4"]


def points(*lines):
    """Return the ring of Cache::Memcached::Fast, computed slowly."""
    found = {}
    for line in lines:
        name, _, weight = line.partition(" weight=")
        host, _, port = name.partition(":") if not name.startswith("unix:") else (name[5:], "", "")
        base, last = zlib.crc32(f"{host}\0{port}".encode()), 0
        for _ in range(160 * int(weight or 1)):
            last = zlib.crc32(last.to_bytes(4, "little"), base)
            found.setdefault(last, name)
    return sorted(found.items())


def home(ring, text):
    at = bisect.bisect_left(ring, (zlib.crc32(text.encode()), ""))
    return ring[at % len(ring)][1]


def choice(text, *lines):
    return upstream(*lines, policy=Ring(key(text))).choose().name.decode()


def test_the_choice_is_that_of_cache_memcached_fast():
    ring = points(*LINES)
    for number in range(200):
        assert choice(f"/k/{number}", *LINES) == home(ring, f"/k/{number}")


def test_few_keys_move_when_a_server_goes():
    keys = [f"/k/{number}" for number in range(300)]
    before = {text: choice(text, *LINES) for text in keys}
    after = {text: choice(text, *LINES[:-1]) for text in keys}
    assert all(after[text] == before[text] for text in keys if before[text] != "10.0.0.4")


def test_a_key_whose_peer_is_away_goes_to_the_next_point():
    one = upstream(*LINES, policy=Ring(key("/k/1")))
    first = one.choose()
    first.fail()
    assert one.choose() is not first
    assert len(set(chosen(one, 5))) == 1


def test_two_peers_of_one_name_take_turns():
    one = upstream("10.0.0.1", "10.0.0.1", policy=Ring(key("k")))
    assert len({id(one.choose()) for _ in range(2)}) == 2


def test_a_member_that_comes_has_its_points():
    one = upstream("10.0.0.1", "10.0.0.2", policy=Ring(key("k")))
    other = upstream("10.0.0.1", "10.0.0.2", "10.0.0.3", policy=Ring(key("k")))
    one.put(other.members[2])
    counts = Counter(choice(str(n), "10.0.0.1", "10.0.0.2", "10.0.0.3") for n in range(300))
    assert len(counts) == 3
    assert one.choose().name == other.choose().name
    assert peer(one, "10.0.0.3").name == b"10.0.0.3"
