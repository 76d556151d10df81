from forkproxy.master.facts import iso


def test_an_instant_has_milliseconds_and_is_utc():
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(1782645344.467) == "2026-06-28T11:15:44.467Z"
