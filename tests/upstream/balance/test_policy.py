from collections import Counter

from tests.support.peers import chosen, upstream

SERVERS = [f"10.0.0.{index} weight={index % 5 + 1}" for index in range(1, 31)]


def test_smooth_turns_are_exact_over_any_whole_round():
    one = upstream(*SERVERS)
    counts = Counter(chosen(one, one.main.total_weight * 1000))
    assert counts == {line.split()[0]: int(line.split("=")[1]) * 1000 for line in SERVERS}


def test_a_peer_with_much_weight_never_takes_two_thirds_in_a_row():
    names = "".join(name[-1] for name in chosen(upstream("10.0.0.1 weight=2", "10.0.0.2"), 300))
    assert "111" not in names
