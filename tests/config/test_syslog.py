"""Where lines go that are sent to syslog."""

import pytest

from tests.support.configuration import errors, level


def read(text):
    (line,) = level("server", f"access_log syslog:{text};").own("access_log")
    return line.value.syslog


def test_what_is_not_given_is_as_in_nginx():
    found = read("server=127.0.0.1")
    assert (found.server.text, found.facility, found.severity) == (
        "127.0.0.1:514",
        "local7",
        "info",
    )
    assert (found.tag, found.hostname) == ("nginx", True)


def test_all_that_may_be_given():
    found = read("facility=user,server=unix:/dev/log,tag=a_1,severity=crit,nohostname")
    assert (found.server.text, found.facility, found.severity) == ("unix:/dev/log", "user", "crit")
    assert (found.tag, found.hostname) == ("a_1", False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tag=a", "no syslog server specified"),
        ("server=a,server=b", 'duplicate syslog "server"'),
        ("server=a,tag=a,tag=b", 'duplicate syslog "tag"'),
        ("server=a,nohostname,nohostname", 'duplicate syslog "nohostname"'),
        ("server=a,facility=x", 'unknown syslog facility "x"'),
        ("server=a,severity=x", 'unknown syslog severity "x"'),
        ("server=a,x=y", 'unknown syslog parameter "x=y"'),
        ("server=a,", 'unknown syslog parameter ""'),
        ("server=a,tag=a-b", 'syslog "tag" only allows alphanumeric characters and underscore'),
        ("server=a,tag=" + "a" * 33, "syslog tag length exceeds 32"),
        ("server=a:0", 'invalid port in syslog server "a:0"'),
        ("server=", 'no host in syslog server ""'),
    ],
)
def test_what_is_wrong(text, reason):
    assert errors("server", f"access_log syslog:{text};") == [reason]


def test_the_error_log_has_it_too_and_lines_for_syslog_are_not_buffered():
    (line,) = level("server", "error_log syslog:server=a warn;").own("error_log")
    assert (line.value.syslog.server.host, line.value.level) == ("a", "warn")
    assert errors("server", "access_log syslog:server=a combined buffer=1k;") == [
        "logs to syslog cannot be buffered"
    ]
