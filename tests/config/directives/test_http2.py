"""http2 and its kin: what is read, and what nginx's old words still do."""

import pytest

from tests.support.configuration import level, warnings


def test_it_is_off_unless_somebody_says_so():
    assert level("server", "").value("http2") is False
    assert level("server", "http2 on;").value("http2") is True


@pytest.mark.parametrize(("given", "size"), [("0", 1), ("64k", 65536), ("32m", 16777215)])
def test_sizes_are_kept_in_the_bounds_of_a_frame(given, size):
    assert level("server", f"http2_chunk_size {given};").value("http2_chunk_size") == size


def test_what_nginx_has_dropped_is_taken_with_a_warning():
    (message,) = warnings("server", "http2_max_field_size 4k;")
    assert message == (
        'the "http2_max_field_size" directive is obsolete, '
        'use the "large_client_header_buffers" directive instead'
    )
