from loadtest.cache_purge import measure


def test_half_of_a_store_is_purged_while_the_other_is_served(tmp_path):
    row = measure(tmp_path, 50, 2.0)
    assert row.purged == 50
    assert 0.0 < row.took < 30.0
    assert row.before
