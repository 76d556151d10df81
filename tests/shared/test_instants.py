"""Keys with instants: who is there, and what is put back."""

from forkproxy.shared.instants import InstantTable


def test_the_keys_of_later_instants_are_found():
    table = InstantTable("i", 65536)
    table.put(7, 100)
    table.put(8, 200)
    assert table.after(99) == {7: 100, 8: 200}
    assert table.after(100) == {8: 200}


def test_an_instant_is_not_made_earlier():
    table = InstantTable("i", 65536)
    table.put(7, 100)
    table.put(7, 50)
    assert table.after(0) == {7: 100}
    table.put(7, 150)
    assert table.after(0) == {7: 150}


def test_the_earliest_goes_where_there_is_no_room():
    table = InstantTable("i", 256)
    for number in range(1, 17):
        table.put(number, number)
    assert sorted(table.after(0)) == list(range(2, 17))
