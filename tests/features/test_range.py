"""max_ranges: one part of an answer, or several."""

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response

CONTENT = b"0123456789"


def site(conf=""):
    made = Inside(f"root %PREFIX%; {conf} location / {{ }}")
    made.write("a.txt", CONTENT)
    return made


def part(asked, *fields, conf=""):
    with site(conf) as server:
        return get(server.address, b"/a.txt", b"Range: " + asked, *fields)


def test_a_file_can_be_cut():
    with site() as server:
        assert get(server.address, b"/a.txt").get(b"accept-ranges") == b"bytes"


def test_one_part():
    answer = part(b"bytes=2-4")
    assert (answer.status, answer.body) == (206, b"234")
    assert answer.get(b"content-range") == b"bytes 2-4/10"
    assert answer.get(b"accept-ranges") is None


def test_a_part_of_an_answer_to_head_has_its_length():
    with site() as server, Client(server.address) as client:
        asked = request(b"HEAD", b"/a.txt", b"Range: bytes=-2")
        answer = client.ask(asked, to=b"HEAD")
        assert (answer.status, answer.get(b"content-length")) == (206, b"2")


def test_several_parts_are_multipart():
    answer = part(b"bytes=0-1,8-")
    boundary = answer.get(b"content-type").partition(b"boundary=")[2]
    head = b"\r\n--" + boundary + b"\r\nContent-Type: text/plain\r\nContent-Range: bytes "
    last = b"\r\n--" + boundary + b"--\r\n"
    expected = head + b"0-1/10\r\n\r\n01" + head + b"8-9/10\r\n\r\n89" + last
    assert (answer.status, answer.body) == (206, expected)


def test_a_part_that_is_not_there_is_416():
    answer = part(b"bytes=10-")
    assert (answer.status, answer.get(b"content-range")) == (416, b"bytes */10")
    assert answer.get(b"content-type") == b"text/html"


def test_without_ranges_the_whole_is_sent():
    answer = part(b"bytes=1-1", conf="max_ranges 0;")
    assert (answer.status, answer.get(b"accept-ranges")) == (200, None)


def test_another_unit_is_the_whole():
    assert part(b"lines=1-1").status == 200


def test_if_range_is_held_against_the_entity_tag_and_the_date():
    with site() as server:
        whole = get(server.address, b"/a.txt")
        for given, status in (
            (whole.get(b"etag"), 206),
            (b'"other"', 200),
            (b"W/" + whole.get(b"etag"), 200),
            (whole.get(b"last-modified"), 206),
            (b"Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ):
            fields = (b"Range: bytes=1-1", b"If-Range: " + given)
            assert get(server.address, b"/a.txt", *fields).status == status


@pytest.mark.parametrize(("conf", "status"), [("", 200), ("proxy_force_ranges on;", 206)])
def test_an_upstream_cuts_its_answers_itself(conf, status):
    location = f"location / {{ {conf} proxy_pass http://%ORIGIN%; }}"
    with proxying(answers(response(CONTENT)), location) as server:
        answer = get(server.address, b"/", b"Range: bytes=3-5")
        assert answer.status == status
        assert answer.body == (b"345" if status == 206 else CONTENT)
