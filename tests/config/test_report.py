import json

import pytest

from forkproxy.config.problems import Position, Problem, Severity
from forkproxy.config.report import check_file, render, summary


@pytest.fixture
def write(tmp_path):
    def write(text, name="a.conf"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return str(path)

    return write


def test_a_good_configuration_reads_as_nginxs_test_does(write):
    path = write("events { }\nhttp { server { listen 80; } }\n")
    report = check_file(path)
    assert report.exit_code == 0
    assert report.text == (
        f"nginx: the configuration file {path} syntax is ok\n"
        f"nginx: configuration file {path} test is successful\n"
    )


def test_a_problem_is_shown_with_its_place_a_mark_and_a_hint(write):
    path = write("events { }\nhttp {\n\tserver {\n\t\tproxy_pas http://a;\n\t}\n}\n")
    report = check_file(path)
    assert report.exit_code == 1
    assert report.text == (
        f'nginx: [emerg] unknown directive "proxy_pas" in {path}:4\n'
        f"  {path}:4:3\n"
        " 4 | \t\tproxy_pas http://a;\n"
        "   | \t\t^^^^^^^^^\n"
        '  hint: did you mean "proxy_pass"? It stands in: limit_except, location, location if\n'
        f"nginx: configuration file {path} test failed\n"
        "1 error\n"
    )


def test_the_place_within_the_directive_may_be_another_line_than_the_one_nginx_names(write):
    path = write("events { }\nhttp { server {\nlisten 80\n  foo\n;\n} }")
    assert f'invalid parameter "foo" in {path}:5\n  {path}:4:3\n' in check_file(path).text


def test_the_chain_of_includes_is_told(write):
    inner = write("foo;", "inner.inc")
    path = write("events { }\n\ninclude inner.inc;\n")
    assert f"  {inner}:1:1   (included from {path}:3)\n" in check_file(path).text


def test_what_is_accepted_without_effect_is_counted_and_named_on_request(write):
    path = write("events { }\nhttp { sendfile on; server { listen 80; } }\n")
    quiet, loud = check_file(path), check_file(path, verbose=True)
    assert '"sendfile"' not in quiet.text
    assert quiet.text.endswith("1 accepted without effect (forkproxy check -v)\n")
    assert '"sendfile" is accepted without effect' in loud.text


def test_the_summary_counts():
    problems = [
        Problem(Severity.EMERG, "a"),
        Problem(Severity.WARN, "b"),
        Problem(Severity.WARN, "c"),
        Problem(Severity.NOTICE, "d", accepted=True),
    ]
    assert summary(problems) == (
        "1 error, 2 warnings, 1 accepted without effect (forkproxy check -v)\n"
    )
    assert summary([]) == ""


def test_a_long_line_is_cut_around_the_place(write):
    path = write("events { } " + "env A; " * 100 + "foo; " + "env B; " * 100)
    excerpt, mark = check_file(path).text.splitlines()[2:4]
    assert len(excerpt) < 120
    assert excerpt[mark.index("^") :].startswith("foo;")
    assert mark.count("^") == 3


def test_nothing_of_a_file_reaches_the_terminal_that_is_not_text():
    problem = Problem(
        Severity.EMERG, "a\x1b[2J\udcff", Position("x", 1, 1), 1, excerpt="\x1b[31mfoo", hint="\r"
    )
    text = render([problem])
    assert not set(text) & set("\x1b\r\udcff")
    text.encode()


def test_the_same_for_programs(write):
    inner = write("\n foo;", "inner.inc")
    path = write("events { }\ninclude inner.inc;\nuse epoll;")
    report = check_file(path).json
    assert json.loads(json.dumps(report)) == report
    assert (report["file"], report["status"], report["errors"]) == (path, "failed", 2)
    assert report["problems"][0] == {
        "severity": "emerg",
        "message": 'unknown directive "foo"',
        "headline": f'nginx: [emerg] unknown directive "foo" in {inner}:2',
        "file": inner,
        "line": 2,
        "column": 2,
        "end": 5,
        "hint": "",
        "accepted": False,
        "included_from": [{"file": path, "line": 2, "column": 1}],
    }


def test_a_file_that_is_not_there_is_reported_like_all_else(tmp_path):
    report = check_file(str(tmp_path / "none"))
    assert report.exit_code == 1
    assert report.text.startswith(f'nginx: [emerg] open() "{tmp_path}/none" failed (2:')


def test_directives_of_the_command_line_are_checked_too(write):
    path = write("events { }")
    assert "in command line" in check_file(path, directives="foo;").text
