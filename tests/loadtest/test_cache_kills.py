from loadtest.cache_kills import run


def test_no_answer_is_torn_where_each_process_was_killed():
    tally = run(60.0, kills=8, workers=2, seed=1)
    assert tally.kills.total() >= 8
    assert tally.torn == []
    assert tally.outcomes["MISS"] > 0
    assert tally.outcomes["206 MISS"] > 0
