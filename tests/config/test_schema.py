import json

import pytest

from forkproxy.config.load import load_text
from forkproxy.config.schema import schema

jsonschema = pytest.importorskip("jsonschema")

CONF = """
events { worker_connections 10; }
http {
    types { text/html html; }
    map $host $x { default a; b c; }
    server { if ($host = a) { return 404; } location / { proxy_pass http://127.0.0.1; } }
}
"""


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(schema())


@pytest.fixture
def payload():
    return load_text(CONF).payload()


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("resolved", [False, True])
def test_what_config_prints_is_valid(validator, resolved):
    payload = load_text(CONF).payload(resolved=resolved)
    validator.validate(json.loads(json.dumps(payload)))


def test_an_unknown_directive_is_not(validator, payload):
    payload["config"][0]["parsed"][1]["block"][2]["block"][1]["block"][0]["directive"] = "proxy_pas"
    assert not validator.is_valid(payload)


def test_a_wrong_number_of_arguments_is_not(validator, payload):
    payload["config"][0]["parsed"][0]["block"][0]["args"] = ["1", "2"]
    assert not validator.is_valid(payload)


def test_a_block_that_is_missing_is_not(validator, payload):
    del payload["config"][0]["parsed"][1]["block"]
    assert not validator.is_valid(payload)
