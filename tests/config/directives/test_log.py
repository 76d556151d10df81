import pytest

from forkproxy.config.directives.log import COMBINED, AccessLog, LogFormat
from forkproxy.config.template import Var
from tests.support.configuration import errors, hints, level


def access_log(text):
    lines = level("server", text, prefix="/prefix").lines("access_log")
    return [line.value for line in lines]


def test_a_format_joins_its_pieces():
    (line,) = level("http", "log_format a '$host ' b '$uri';").own("log_format")
    assert line.value == LogFormat("a", (Var("host"), " b", Var("uri")))


def test_a_format_says_how_values_are_quoted():
    (line,) = level("http", "log_format a escape=json $host;").own("log_format")
    assert line.value.escape == "json"
    assert errors("http", "log_format a escape=x b;") == ['unknown log format escaping "x"']


def test_a_digit_is_no_capture_in_a_format():
    assert errors("http", "log_format a $1;") == ['unknown "1" variable']


def test_a_log_is_a_file_in_the_combined_format():
    assert access_log("access_log a.log;") == [AccessLog(("/prefix/a.log",), COMBINED)]


def test_a_log_may_be_buffered():
    (found,) = access_log("access_log /a combined buffer=8k flush=5s;")
    assert (found.buffer, found.flush) == (8192, 5)


def test_a_log_may_have_a_condition_and_a_name_with_variables():
    (found,) = access_log("access_log /a/$host.log combined if=$arg_log;")
    assert found.path == ("/a/", Var("host"), ".log")
    assert found.condition == (Var("arg_log"),)


def test_off_is_none():
    assert access_log("access_log off;") == [None]


def test_the_format_is_one_that_stands_before():
    good = "log_format f x; server { access_log /a f; }"
    bad = "server { access_log /a f; } log_format f x;"
    assert errors("http", good) == []
    assert errors("http", bad) == ['unknown log format "f"']
    assert hints("http", bad) == ["a log_format stands before its use"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("/a/$host combined buffer=1k", "buffered logs cannot have variables in name"),
        ("/a combined flush=1s", 'no buffer is defined for access_log "/a"'),
        ("/a combined buffer=x", 'invalid buffer size "x"'),
        ("/a combined buffer=1k flush=x", 'invalid flush time "x"'),
        ("/a combined if=", 'invalid parameter "if="'),
        ("/a combined x", 'invalid parameter "x"'),
        ("/a combined gzip=0", 'invalid compression level "0"'),
        ("/a$uri combined gzip", "buffered logs cannot have variables in name"),
    ],
)
def test_options_that_make_no_sense_are_refused(text, message):
    assert errors("server", f"access_log {text};") == [message]


def test_compressed_logs_are_buffered():
    (line,) = level("server", "access_log /a combined gzip flush=1s;").own("access_log")
    assert (line.value.gzip, line.value.buffer, line.value.flush) == (1, 65536, 1.0)


def cache(text):
    return level("http", f"open_log_file_cache {text};").value("open_log_file_cache")


def test_logs_whose_names_have_variables_may_stay_open():
    found = cache("max=5 valid=1m min_uses=2")
    assert (found.most, found.inactive, found.min_uses, found.valid) == (5, 10, 2, 60)
    assert cache("off") is None


@pytest.mark.parametrize("wrong", ["max=0", "max=x", "min_uses=0", "valid=x", "x=1"])
def test_an_open_log_file_cache_that_is_wrong(wrong):
    conf = f"open_log_file_cache max=1 {wrong};"
    assert errors("http", conf) == [f'invalid "open_log_file_cache" parameter "{wrong}"']


def test_an_open_log_file_cache_has_an_end():
    assert errors("http", "open_log_file_cache valid=1m;") == [
        '"open_log_file_cache" must have "max" parameter'
    ]
