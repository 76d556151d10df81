"""The number of the machine's run."""

from forkproxy.cache import boot


def test_it_is_the_same_in_one_run_and_another_in_another(tmp_path):
    ids = tmp_path / "id"
    ids.write_text("one")
    first = boot.number(ids)
    assert boot.number(ids) == first != 0
    ids.write_text("two")
    assert boot.number(ids) != first


def test_it_is_nought_where_nothing_tells(tmp_path):
    assert boot.number(tmp_path / "none") == 0
