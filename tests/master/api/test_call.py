import pytest

from forkproxy.master.api.call import Call
from forkproxy.master.reply import Refused
from tests.support.administration import Master


def call(query="", body=b""):
    return Call(Master(), 7, "GET", "/api/9/nginx", query, body)


def test_fields_narrow_an_object_down():
    assert call().limited({"a": 1, "b": 2}) == {"a": 1, "b": 2}
    assert call("fields=b,c").limited({"a": 1, "b": 2}) == {"b": 2}


def test_a_collection_without_fields_is_its_names():
    zones = {"x": {"a": 1, "b": 2}, "y": {"a": 3}}
    assert call().collection(zones) == zones
    assert call("fields=").collection(zones) == ["x", "y"]
    assert call("fields=a").collection(zones) == {"x": {"a": 1}, "y": {"a": 3}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BodyReadError"),
        (b'{"a": ', "JsonError"),
        (b"[1]", "JsonError"),
        (b"\xff", "JsonError"),
        (b"[" * 100_000, "JsonError"),
    ],
)
def test_a_body_that_is_no_object_is_refused(body, code):
    with pytest.raises(Refused) as refused:
        call(body=body).content()
    assert refused.value.code == code


def test_a_body_is_an_object():
    assert call(body=b'{"a": [1]}').content() == {"a": [1]}
