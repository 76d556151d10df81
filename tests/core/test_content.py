"""What a filter says that changes an answer's content."""

import pytest

from forkproxy.core.bodies import OctetsBody
from forkproxy.core.content import (
    Recoded,
    Wrapped,
    content_changes,
    forget_validators,
    media_type,
)
from forkproxy.core.exchange import Response
from forkproxy.wire.fields import Fields


@pytest.fixture
def response():
    fields = Fields()
    for name, value in ((b"ETag", b'"a"'), (b"Accept-Ranges", b"bytes"), (b"Last-Modified", b"x")):
        fields.add(name, value)
    made = Response(200, fields, OctetsBody(b"hello"))
    made.allow_ranges = True
    return made


def test_changed_content_has_no_ranges_and_no_known_length(response):
    content_changes(response, Wrapped(response.body))
    assert response.body.length == -1
    assert not response.allow_ranges
    assert response.fields.get(b"accept-ranges") is None


@pytest.mark.parametrize(("tag", "after"), [(b'"a"', b'W/"a"'), (b'W/"a"', b'W/"a"'), (b"a", None)])
def test_the_entity_tag_becomes_weak(response, tag, after):
    response.fields.set(b"ETag", tag)
    content_changes(response, response.body)
    assert response.fields.get(b"etag") == after


def test_the_length_that_an_answer_to_head_declares_goes_too(response):
    response.body, response.declared_length = None, 5
    content_changes(response, None)
    assert response.declared_length == -1


def test_content_that_is_another_each_time_has_no_validators(response):
    forget_validators(response)
    assert response.fields.get(b"etag") is None
    assert response.fields.get(b"last-modified") is None


def test_what_recodes_has_to_say_how():
    with pytest.raises(NotImplementedError):
        Recoded(OctetsBody(b"x")).read()


@pytest.mark.parametrize(
    ("given", "kind"),
    [(b"Text/HTML ; charset=utf-8", b"text/html"), (b"text/css", b"text/css"), (None, b"")],
)
def test_the_media_type_is_in_lower_case_and_has_no_parameters(response, given, kind):
    if given is not None:
        response.fields.set(b"Content-Type", given)
    assert media_type(response) == kind
