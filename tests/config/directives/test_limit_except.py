from tests.support.client import Client, request
from tests.support.configuration import errors, level
from tests.support.inside import proxying
from tests.support.origin import answers, response


def test_get_brings_head_along():
    (block,) = level("location", "limit_except get { }").blocks("limit_except")
    assert block.subject == {"GET", "HEAD"}


def test_another_word_is_no_method():
    assert errors("location", "limit_except NONE { }") == ['invalid method "NONE"']


def test_the_block_holds_for_all_other_methods():
    conf = "location / { root %PREFIX%; limit_except GET { proxy_pass http://%ORIGIN%; } }"
    with proxying(answers(response(b"origin")), conf) as server:
        server.write("a", b"file")
        with Client(server.address) as client:
            assert client.get(b"/a").body == b"file"
            assert client.ask(request(b"PUT", b"/a", b"Content-Length: 0")).body == b"origin"
