"""Stored answers in a coding: compressed once, then sent as they are."""

import zlib

import pytest

from tests.support.caching import FRESH, answers, caching, chunked, fresh, response
from tests.support.eventually import eventually

WORDS = [b"%x" % (number * 2654435761 % 9973) for number in range(1, 400)]
TEXT = b"".join(
    b"<li>%s %s line</li>\n" % (WORDS[number % 397], WORDS[number * number % 389])
    for number in range(3000)
)
HTML = b"Content-Type: text/html"
GZIP = b"Accept-Encoding: gzip"
CONF = "gzip on; gzip_comp_level 1; gzip_min_length 0;"


def kept(server):
    """Return the keys of what is kept compressed."""
    stored = server.keys()
    return [key for key in stored if b"\0\0" in key]


def settled(server, target=b"/", wanted=GZIP, count=1):
    """Ask until the answer is kept compressed; return the next one."""
    eventually(lambda: server.ask(target, wanted) and len(kept(server)) >= count)
    return server.ask(target, wanted)


def unpacked(got):
    assert got.get(b"content-encoding") == b"gzip"
    return zlib.decompress(got.body, 31)


def test_what_is_asked_for_again_is_compressed_once_and_better():
    with caching(answers(fresh(TEXT, HTML, b'ETag: "a"')), CONF) as server:
        assert server.ask(b"/", GZIP).status == "MISS"
        first = server.ask(b"/", GZIP)
        assert kept(server) == []
        then = settled(server)
        assert (first.status, then.status) == ("HIT", "HIT")
        assert unpacked(first) == unpacked(then) == TEXT
        assert len(then.body) < len(first.body)
        assert int(then.get(b"content-length")) == len(then.body)
        assert then.get(b"etag") == b'W/"a"'
        assert server.ask(b"/", GZIP).body == then.body


def test_who_does_not_take_it_gets_content_as_it_is():
    with caching(answers(fresh(TEXT, HTML)), CONF) as server:
        settled(server)
        assert server.ask(b"/").body == TEXT


@pytest.mark.parametrize("coding", ["brotli", "zstd"])
def test_other_codings_too(coding):
    name = {"brotli": b"br", "zstd": b"zstd"}[coding]
    with caching(answers(fresh(TEXT, HTML)), f"{coding} on; {CONF}") as server:
        settled(server)
        got = settled(server, wanted=b"Accept-Encoding: " + name, count=2)
        assert got.get(b"content-encoding") == name
        assert sorted(key.rpartition(b"\0")[2] for key in kept(server)) == sorted([b"gzip", name])


def test_head_has_the_length_of_get():
    with caching(answers(fresh(TEXT, HTML)), CONF) as server:
        got = settled(server)
        head = server.ask(b"/", GZIP, method=b"HEAD")
        assert head.get(b"content-length") == got.get(b"content-length")


def test_a_large_one_in_a_file_is_kept_too():
    large = TEXT * 5
    with caching(answers(fresh(large, HTML)), CONF) as server:
        got = settled(server)
        assert unpacked(got) == large
        assert b"content-length" in got.response


def test_a_purge_takes_it_along():
    more = "location /purge/ { proxy_pass http://%ORIGIN%; proxy_cache one; proxy_cache_purge 1;"
    more += "proxy_cache_key $arg_key; }"
    with caching(answers(fresh(TEXT, HTML)), CONF + "proxy_cache_key $uri;", more=more) as server:
        settled(server)
        assert server.ask(b"/purge/?key=/").code == 204
        assert server.keys() == []
        assert server.ask(b"/", GZIP).status == "MISS"


def test_another_answer_under_the_key_is_compressed_anew():
    now = [TEXT]

    def script(peer):
        while True:
            peer.request()
            peer.send(fresh(now[0], HTML))

    with caching(script, CONF + "proxy_cache_bypass $arg_new; proxy_cache_key $uri;") as server:
        assert unpacked(settled(server)) == TEXT
        now[0] = b"other " * 500
        server.ask(b"/?new=1", GZIP)
        server.settle()
        assert unpacked(server.ask(b"/", GZIP)) == now[0]
        assert unpacked(settled(server)) == now[0]


def test_a_304_keeps_it_with_fields_that_are_new():
    asked = []

    def script(peer):
        while True:
            request = peer.request()
            if request.get(b"if-none-match"):
                asked.append(request)
                peer.send(response(b"", FRESH, b"X-New: yes", status=b"304 Not Modified"))
            else:
                stale = [b'ETag: "a"', HTML, b"Cache-Control: max-age=1"]
                peer.send(response(TEXT, *stale))

    with caching(script, CONF + "proxy_cache_rfc on;") as server:
        settled(server)
        (before,) = kept(server)
        eventually(lambda: server.ask(b"/", GZIP) and asked)
        got = server.ask(b"/", GZIP)
        assert (unpacked(got), got.get(b"x-new")) == (TEXT, b"yes")
        assert kept(server) == [before]
        assert b"content-length" in got.response


def test_each_variant_has_its_own():
    def script(peer):
        while True:
            language = peer.request().get(b"accept-language")
            peer.send(fresh(language * 300, HTML, b"Vary: Accept-Language"))

    def asked(language):
        got = server.ask(b"/", GZIP, b"Accept-Language: " + language)
        return got.response.get(b"content-length") and unpacked(got)

    with caching(script, CONF) as server:
        for language in (b"de", b"fr"):
            eventually(lambda language=language: asked(language) == language * 300)
        assert asked(b"de") == b"de" * 300


def test_it_may_be_left_out():
    with caching(answers(fresh(TEXT, HTML)), CONF + "compress_cached off;") as server:
        for _ in range(4):
            assert unpacked(server.ask(b"/", GZIP)) == TEXT
        assert kept(server) == []


def test_what_is_not_compressed_is_not_kept_so():
    with caching(answers(fresh(TEXT, b"Content-Type: image/png")), CONF) as server:
        for _ in range(4):
            assert server.ask(b"/", GZIP).body == TEXT
        assert kept(server) == []


def test_texts_that_are_replaced_are_replaced_each_time():
    conf = CONF + "sub_filter line $arg_x; sub_filter_once off; proxy_cache_key $uri;"
    with caching(answers(chunked([TEXT], HTML, FRESH)), conf) as server:
        for word in (b"one", b"two", b"three", b"four"):
            got = server.ask(b"/?x=" + word, GZIP)
            assert unpacked(got) == TEXT.replace(b"line", word)
        assert kept(server) == []
