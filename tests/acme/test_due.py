import pytest

from forkproxy.acme.due import LONGEST, REFUSED, UNREACHED, next_try, renewal_at

DAY = 86400.0


def test_two_thirds_of_its_life_at_the_latest():
    for number in range(100):
        at = renewal_at(f"{number}.test", 0.0, 90 * DAY)
        assert 57 * DAY < at <= 60 * DAY


def test_certificates_of_one_day_are_renewed_at_different_times_each_at_its_own():
    first = [renewal_at(f"{number}.test", 0.0, 90 * DAY) for number in range(50)]
    assert len(set(first)) == 50
    assert first == [renewal_at(f"{number}.test", 0.0, 90 * DAY) for number in range(50)]


@pytest.mark.parametrize(("reached", "pauses"), [(True, REFUSED), (False, UNREACHED)])
def test_pauses_grow_and_then_stay(reached, pauses):
    found = [next_try(100.0, n, reached=reached) - 100.0 for n in range(1, len(pauses) + 3)]
    assert found == [*pauses, pauses[-1], pauses[-1]]


def test_what_the_authority_asks_for_is_kept_within_reason():
    assert next_try(0.0, 1, reached=True, wait=7200.0) == 7200.0
    assert next_try(0.0, 1, reached=True, wait=1.0) == REFUSED[0]
    assert next_try(0.0, 1, reached=True, wait=1e9) == LONGEST
