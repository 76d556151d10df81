import zlib

from loadtest.page import page


def test_a_page_has_its_size_and_is_the_same_each_time():
    assert len(page(102400)) == 102400
    assert page(5000) == page(5000)


def test_a_page_compresses_as_pages_do():
    assert 3.5 < 102400 / len(zlib.compress(page(102400), 1)) < 5.5
