from forkproxy.config.load import load_text
from forkproxy.master.changes import Change, line_of, pack, place, unpack
from tests.support.administration import server

A = "10.0.0.1:80"


def test_a_line_is_written_as_it_is_read():
    line = server(A, weight=2, max_conns=3, max_fails=0, slow_start=30.0, down=True, route="a")
    assert line_of(line) == (
        f"server {A} weight=2 max_conns=3 max_fails=0 down route=a slow_start=30s;\n"
    )


def test_a_line_that_was_written_is_read_as_the_same():
    line = server(A, weight=2, fail_timeout=5.0, backup=True)
    text = f"events {{}} http {{ upstream u {{ server 10.0.0.9; {line_of(line)} }} }}"
    (upstream,) = load_text(text).http.blocks("upstream")
    assert upstream.own("server")[1].value == line


def test_a_change_is_packed_and_unpacked():
    key = ("api", A)
    for change in (
        Change("a line", removed=True),
        Change("", server(A, weight=3), id=7),
        Change("a line", order=1, weight=5),
    ):
        assert unpack(pack(key, change)) == (key, change)


def test_the_name_of_a_change_in_the_store_is_short():
    assert len(place(("api" * 100, A * 100))) < 50


def test_a_change_that_says_nothing_is_empty():
    assert Change("a line").empty
    assert not Change("a line", removed=True).empty
    assert not Change("a line", order=1).empty
