"""The first line that we print is that of nginx: `tests/corpus/config/verdicts.tsv`.

Each line of that file is a place, a text in that place, and what nginx 1.22 says: "ok", or
its first error.
"""

from pathlib import Path

import pytest

from forkproxy.config.load import load
from forkproxy.config.problems import ConfigErrors, Severity
from tests.support.configuration import errors, hints, level, nginx_verdict, problems, whole
from tests.support.proxy import Nginx

CORPUS = Path(__file__).parents[1] / "corpus" / "config" / "verdicts.tsv"


def cases():
    for line in CORPUS.read_text().splitlines():
        place, text, verdict = line.split("\t")
        yield place, unescaped(text), unescaped(verdict)


def unescaped(text):
    return text.encode().decode("unicode_escape")


CASES = list(cases())


def our_verdict(text, folder):
    path = Path(folder, "nginx.conf")
    path.write_text(text)
    try:
        load(str(path), prefix=str(folder))
    except ConfigErrors as raised:
        first = next(each for each in raised.problems if each.severity is Severity.EMERG)
        line = first.headline().removeprefix("nginx: [emerg] ")
        return line.replace(f" in {path}:", " in :").replace(str(folder), "@")
    return "ok"


@pytest.mark.parametrize(("place", "text", "verdict"), CASES)
def test_our_first_line_is_that_of_nginx(place, text, verdict, tmp_path):
    assert our_verdict(whole(place, text), tmp_path) == verdict


@pytest.mark.skipif(not Nginx.installed(), reason="nginx is not installed")
def test_nginx_itself_says_what_the_corpus_says(tmp_path):
    for place, text, verdict in CASES:
        said = nginx_verdict(whole(place, text), tmp_path)
        # Another version of nginx may word it otherwise; the verdict is the same.
        assert (said == "ok") == (verdict == "ok"), text


def test_an_unknown_directive_comes_with_the_nearest_known_one():
    assert errors("location", "proxy_pas http://a;") == ['unknown directive "proxy_pas"']
    assert hints("location", "proxy_pas http://a;") == ['did you mean "proxy_pass"?']


def test_the_nearest_name_is_one_that_may_stand_there():
    assert hints("upstream", "server 127.0.0.1; keepaliv 3;") == ['did you mean "keepalive"?']


def test_a_directive_in_the_wrong_place_tells_the_right_ones():
    assert hints("http", "proxy_pass http://a;") == [
        '"proxy_pass" stands in: limit_except, location, location if'
    ]


def test_all_errors_are_found_at_once():
    text = "listen x:y;\nroot a b;\nlocation ( { foo; }\nreturn abc;"
    assert errors("server", text) == [
        'invalid port in "x:y" of the "listen" directive',
        'invalid number of arguments in "root" directive',
        'unknown directive "foo"',
        'invalid return code "abc"',
    ]


def test_the_inside_of_a_block_is_checked_though_its_heading_is_wrong():
    assert errors("server", "location ~ '(' { retur 1; }")[1:] == ['unknown directive "retur"']


def test_the_inside_of_an_unknown_or_refused_block_is_not_looked_at():
    assert errors("http", "foo { bar; }") == ['unknown directive "foo"']
    assert len(errors("main", "events {} stream { server { foo; } }")) == 1


def test_a_lost_semicolon_is_found_where_the_next_line_begins():
    (problem,) = problems(whole("server", "listen 80\nserver_name x;"))
    assert problem.message == 'invalid parameter "server_name"'
    assert problem.hint == '";" is missing after "80" of line 5'
    assert (problem.at.line, problem.at.column) == (6, 1)


def test_a_brace_inside_a_bare_word_is_explained():
    (hint, *_) = hints("server", "rewrite ^/a{2} /b;")
    assert hint == 'a "{" inside a word ends the word: put the word in quotes'


def test_a_problem_points_at_the_word_that_is_wrong():
    (problem,) = problems(whole("server", "listen 80 foo=1;"))
    assert (problem.at.line, problem.at.column, problem.width) == (5, 11, 5)
    assert problem.excerpt == "listen 80 foo=1;"


def test_a_byte_order_mark_is_named():
    (problem,) = problems("\ufeffworker_processes 1; events {}")
    assert "byte order mark" in problem.hint


def test_accepted_directives_are_noticed_and_have_their_value():
    assert level("http", "sendfile on;").value("sendfile") is True
    (notice,) = problems(whole("http", "sendfile on;"), Severity.NOTICE)
    assert notice.message == '"sendfile" is accepted without effect'
    assert notice.accepted


def test_accepted_directives_are_checked_like_others():
    assert errors("http", "sendfile maybe;") == [
        'invalid value "maybe" in "sendfile" directive, it must be "on" or "off"'
    ]


def test_a_refused_directive_is_an_error_with_a_reason_and_an_alternative():
    message = '"js_content" is not supported by this version of forkproxy'
    assert errors("location", "js_content a.b;") == [message]
    assert hints("location", "js_content a.b;") == ["forkproxy runs no JavaScript"]
    assert hints("http", "geoip_city a;") == [
        "databases of places are not read; use geo, with an include of networks"
    ]


def test_a_refused_feature_may_be_off():
    assert errors("http", "dav_access off;") == []
    assert errors("http", "dav_access on;") != []


def test_what_guards_is_never_taken_without_effect():
    for text in ("auth_pam x;", "auth_ldap on;", "modsecurity on;", "limit_conn a 1;"):
        assert errors("location", text) != []


def test_the_variables_of_a_refused_directive_are_no_second_error():
    assert len(errors("http", "perl_set $geo x; server { return 200 $geo; }")) == 1


def test_a_map_whose_heading_is_wrong_is_one_error():
    assert errors("http", "map $host a { b c; }") == ['invalid variable name "a"']
