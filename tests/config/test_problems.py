from forkproxy.config.problems import ConfigErrors, Findings, Position, Problem, Severity

AT = Position("/etc/a.conf", 3, 9)


def error(message, **rest):
    return Problem(Severity.EMERG, message, **rest)


def test_the_headline_is_the_line_that_nginx_prints():
    problem = error('unknown directive "x"', at=AT, line=4)
    assert problem.headline() == 'nginx: [emerg] unknown directive "x" in /etc/a.conf:4'


def test_the_headline_names_no_place_where_nginx_names_none():
    assert error('unknown "x" variable', at=AT).headline() == (
        'nginx: [emerg] unknown "x" variable'
    )


def test_the_command_line_has_no_lines():
    problem = error("no", at=Position("command line", 1, 1), line=1)
    assert problem.headline() == "nginx: [emerg] no in command line"


def test_findings_come_in_the_order_nginx_would_meet_them():
    findings = Findings()
    for order, message in ((5, "late"), (1, "first"), (5, "later"), (2, "second")):
        findings.add(order, error(message))
    assert [problem.message for problem in findings.problems()] == [
        "first",
        "second",
        "late",
        "later",
    ]


def test_only_errors_are_fatal():
    findings = Findings()
    findings.add(1, Problem(Severity.WARN, "hm"))
    assert not findings.fatal()
    findings.add(2, error("no"))
    assert findings.fatal()
    assert findings.errors() == (2,)


def test_errors_as_one_exception_speak_of_the_first():
    raised = ConfigErrors([Problem(Severity.WARN, "hm"), error("no", at=AT, hint="yes")])
    assert (raised.reason, raised.path, raised.line, raised.column, raised.hint) == (
        "no",
        "/etc/a.conf",
        3,
        9,
        "yes",
    )
    assert len(raised.problems) == 2
