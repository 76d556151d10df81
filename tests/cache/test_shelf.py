"""The tables of a store: entries, tags and sums agree after each change."""

import pytest

from forkproxy.cache import shelf
from forkproxy.cache.shelf import Shelf, TooManyVariantsError
from forkproxy.shared import store
from tests.support.caching import FRESH, answers, caching, response


@pytest.fixture(scope="module")
def entries():
    """Return octets of entries as they are stored: tagged, a note, and a variant."""
    script = answers(
        response(b"one", FRESH, b"Cache-Tag: a b"), response(b"two", FRESH, b"Vary: X-A")
    )
    with caching(script, http="proxy_cache_key $uri;") as server:
        server.ask(b"/tagged")
        server.ask(b"/varied")
        server.settle()
        with server.zone.store.reading() as tables:
            return [bytes(value) for _, value in tables.entries.items()]


@pytest.fixture
def change(tmp_path):
    with store.open_cache(tmp_path, 16 * 1024 * 1024) as opened:

        def run(work):
            with opened.writing() as tables:
                made = Shelf(tables)
                outcome = work(made)
                made.finish()
                return outcome

        yield run


def sums(made):
    return made.count, made.octets


def test_an_entry_and_its_tags_are_there_and_gone_together(change, entries):
    tagged = entries[0]
    change(lambda made: made.put(b"k", tagged))
    assert change(sums) == (1, len(tagged) + 1)
    assert change(lambda made: made.tagged(b"a")) == [b"k"]
    assert change(lambda made: made.delete(b"k")) == 1
    assert change(sums) == (0, 0)
    assert change(lambda made: made.tagged(b"a")) == []


def test_an_entry_put_twice_counts_once(change, entries):
    change(lambda made: made.put(b"k", entries[0]))
    change(lambda made: made.put(b"k", entries[0]))
    assert change(sums) == (1, len(entries[0]) + 1)


def test_a_variant_goes_with_its_key(change, entries):
    _, note, varied = entries
    change(lambda made: made.put_variant(b"k", b"k\0one", note, varied))
    change(lambda made: made.put_variant(b"k", b"k\0two", note, varied))
    assert change(sums)[0] == 2
    assert change(lambda made: made.delete(b"k")) == 2
    assert change(sums) == (0, 0)


def test_an_answer_that_no_longer_varies_takes_its_variants_place(change, entries):
    tagged, note, varied = entries
    change(lambda made: made.put(b"k1", tagged))  # sorted behind: no variant of k
    change(lambda made: made.put_variant(b"k", b"k\0one", note, varied))
    change(lambda made: made.put_variant(b"k", b"k\0two", note, varied))
    change(lambda made: made.put(b"k", tagged))
    assert change(lambda made: made.below(b"k")) == [b"k", b"k1"]
    assert change(sums)[0] == 2


def test_a_key_has_so_many_variants_and_no_more(change, entries):
    _, note, varied = entries

    def fill(made):
        for number in range(shelf.MOST_VARIANTS):
            made.put_variant(b"k", b"k\0%d" % number, note, varied)

    change(fill)
    with pytest.raises(TooManyVariantsError):
        change(lambda made: made.put_variant(b"k", b"k\0more", note, varied))


def test_a_replacement_needs_the_entry_it_replaces(change, entries):
    tagged = entries[0]
    identity = shelf.entry.read(tagged).identity
    change(lambda made: made.put(b"k", tagged))
    assert change(lambda made: made.replace(b"k", tagged, identity))
    assert not change(lambda made: made.replace(b"k", tagged, identity + 1))
    assert not change(lambda made: made.replace(b"other", tagged, identity))
    assert change(sums) == (1, len(tagged) + 1)


def test_a_soft_deletion_leaves_it_stale(change, entries):
    change(lambda made: made.put(b"k", entries[0]))
    assert change(lambda made: made.delete(b"k", soft=5.0)) == 1
    octets = change(lambda made: made.tables.entries.get(b"k"))
    assert shelf.entry.read(octets).fresh_until == 5.0


def test_all_can_go_at_once(change, entries):
    change(lambda made: made.put(b"k", entries[0]))
    assert change(lambda made: made.clear()) == 1
    assert change(sums) == (0, 0)
    assert change(lambda made: made.below(b"")) == []


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        ([b"a, B ,a"], b"a\0b"),
        ([b"a b", b"c"], b"a\0b\0c"),
        ([b""], b""),
        ([b"x" * 300, b"y"], b"y"),
    ],
)
def test_tags_stand_between_commas_or_spaces(lines, tags):
    assert shelf.tags_of(lines) == tags
