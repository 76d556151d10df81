from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def test_off_is_nothing_to_ask():
    assert level("location", "auth_request off;").value("auth_request") == ""
    assert level("location", "auth_request /auth;").value("auth_request") == "/auth"


def test_lines_of_variables_replace_those_of_the_level_around():
    text = "auth_request_set $a 1; location / { auth_request_set $b $status; }"
    (location,) = level("server", text).blocks("location")
    (line,) = location.lines("auth_request_set")
    assert (line.value.name, line.value.value) == ("b", (Var("status"),))


def test_it_sets_variables_alone():
    assert errors("location", "auth_request_set a 1;") == ['invalid variable name "a"']
