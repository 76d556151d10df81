"""ssi: commands in pages."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, chunked

SORRY = b"[an error occurred while processing the directive]"
CONF = """
    root %PREFIX%;
    location / { ssi on; }
    location /said { return 200 "said $arg_a"; }
    location /bad { return 404; }
"""


def page(text, target=b"/p.html?x=1", conf=CONF):
    with Inside(conf) as server:
        server.write("p.html", text)
        server.write("inner.html", b'<!--#echo var="uri" -->')
        server.write("plain.txt", text)
        return get(server.address, target)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"no command", b"no command"),
        (b"a<!--# echo var='uri' -->b", b"a/p.htmlb"),
        (b'<!--#echo var="arg_x" -->', b"1"),
        (b'<!--#echo var="none" -->', b"(none)"),
        (b'<!--#echo var="none" default="d" -->', b"d"),
        (b'<!--#set var="a" value="<$arg_x>" --><!--#echo var="a" -->', b"&lt;1&gt;"),
        (b'<!--#include virtual="/said?a=2" -->!', b"said 2!"),
        (b'<!--#include virtual="/inner.html" -->', b"/inner.html"),
        (b'<!--#include virtual="/said?a=2" set="v" -->[<!--#echo var="v" -->]', b"[said 2]"),
        (b'<!--#if expr="$arg_x = 1" -->y<!--#else -->n<!--#endif -->.', b"y."),
        (
            b'<!--#if expr="$arg_x = 2" -->y<!--#elif expr="$uri" -->z<!--#else -->n<!--#endif -->',
            b"z",
        ),
        (
            b'<!--#if expr="" --><!--#if expr="$a" -->y<!--#else -->n<!--#endif --><!--#endif -->',
            b"",
        ),
        (
            b'<!--#block name="b" -->stub<!--#endblock --><!--#include virtual="/bad" stub="b" -->',
            b"stub",
        ),
        (b"<!--#nonsense -->", SORRY),
        (b"<!--#include -->", SORRY),
        (b"<!--#endif -->", SORRY),
        (b'<!--#config errmsg="oops" --><!--#nonsense -->', b"oops"),
        (b"open <!--#echo var=", b"open <!--#echo var="),
        (b"half <!-", b"half <!-"),
    ],
)
def test_a_page(text, shown):
    assert page(text).body == shown


def test_a_processed_page_has_no_length_and_no_validators():
    answer = page(b"text")
    assert answer.get(b"content-length") is None
    assert answer.get(b"etag") is None
    assert answer.get(b"last-modified") is None
    assert answer.get(b"accept-ranges") is None


def test_other_types_are_left_alone():
    assert page(b"<!--#x -->", b"/plain.txt").body == b"<!--#x -->"


def test_a_page_that_includes_itself_ends():
    assert page(b'a<!--#include virtual="/p.html" -->').body.startswith(b"a" * 50)


@pytest.mark.parametrize("cut", range(1, 24))
def test_a_command_may_come_in_pieces(cut):
    text = b'a<!--#echo var="uri" -->b'
    script = answers(chunked([text[:cut], text[cut:]], b"Content-Type: text/html"))
    with proxying(script, "location / { ssi on; proxy_pass http://%ORIGIN%; }") as server:
        assert get(server.address, b"/u").body == b"a/ub"
