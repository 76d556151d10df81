"""explain by the API."""

import pytest

from forkproxy.config.load import load_text
from tests.support.administration import Master, call

CONF = """
events {}
http {
    server {
        listen 80;
        server_name a.example;
        location /x/ { return 204; }
        location / { return 200 $http_x_kind; }
    }
}
"""


@pytest.fixture
def master():
    master = Master()
    master.config = load_text(CONF)
    return master


def explained(master, query):
    return call(master, "GET", f"/api/9/forkproxy/explain?{query}")


def test_it_says_what_would_become_of_a_request(master):
    status, found = explained(master, "url=http://a.example/x/y&method=POST")
    assert status == 200
    assert found["request"]["method"] == "POST"
    assert found["location"]["text"].startswith("location /x/")
    assert found["response"]["status"] == 204


def test_fields_are_given_one_by_one(master):
    status, found = explained(master, "url=http://a.example/&header=X-Kind:%20one&header=B:2")
    assert (status, found["response"]["status"]) == (200, 200)


@pytest.mark.parametrize("query", ["", "url=http://a/&header=x", "url=http://a/&speed=9"])
def test_what_makes_no_sense_is_refused(master, query):
    assert explained(master, query)[0] == 400


def test_without_a_configuration_there_is_nothing_to_explain():
    assert explained(Master(), "url=http://a/")[0] == 404
