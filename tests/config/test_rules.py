import pytest

from tests.support.configuration import errors, hints, problems, warnings, whole

TWO = "server {{ listen 80; server_name {}; }} server {{ listen {}; server_name {}; }}"


def test_several_servers_listen_on_one_address_but_one_is_the_default():
    two = "server {{ listen 80 {}; }} server {{ listen 80 {}; }}"
    assert errors("http", two.format("", "default_server")) == []
    assert errors("http", two.format("default_server", "default_server")) == [
        "a duplicate default server for 0.0.0.0:80"
    ]


def test_the_options_of_an_address_are_given_once():
    text = "server { listen 80 backlog=1; } server { listen *:80 rcvbuf=1k; }"
    assert errors("http", text) == ["duplicate listen options for 0.0.0.0:80"]


def test_one_path_has_one_location():
    text = "location /a { }\nlocation /a { }"
    (problem,) = problems(whole("server", text))
    assert problem.message == 'duplicate location "/a"'
    assert problem.hint == "the first is in line 5"
    assert problem.line == 6


def test_an_exact_location_and_a_prefix_may_share_a_path():
    assert errors("server", "location /a { } location = /a { }") == []


@pytest.mark.parametrize("family", ["proxy", "fastcgi", "uwsgi"])
def test_the_buffers_towards_upstreams_fit_each_other_over_all_levels(family):
    text = f"{family}_buffer_size 64k; server {{ {family}_buffers 8 64k; }}"
    assert errors("http", text) == [
        f'"{family}_busy_buffers_size" must be less than the size of all "{family}_buffers" '
        "minus one buffer"
    ]
    assert errors("http", f"{family}_buffers 8 64k; server {{ {family}_buffer_size 64k; }}") == []


def test_a_buffer_of_a_head_is_no_smaller_than_the_pool():
    assert errors("server", "large_client_header_buffers 4 100;") == [
        'the "large_client_header_buffers" size must be equal to or greater than '
        '"connection_pool_size"'
    ]


@pytest.mark.parametrize("text", ["error_page 404 @gone;", "try_files a @gone;"])
def test_a_named_location_that_is_not_there_is_warned_of(text):
    assert warnings("server", text) == ['could not find named location "@gone"']
    assert warnings("server", f"{text} location @gone {{ }}") == []


def test_a_name_that_two_servers_claim_on_one_address_is_warned_of():
    assert warnings("http", TWO.format("a", "80", "b a")) == [
        'conflicting server name "a" on 0.0.0.0:80, ignored'
    ]
    assert warnings("http", TWO.format("a", "81", "a")) == []


def test_a_name_that_one_server_has_twice_is_no_conflict():
    assert warnings("server", "server_name a a;") == []


def test_an_unknown_variable_is_found_wherever_it_is_used_and_said_once():
    assert errors("server", "set $a $nope; return 200 $nope;") == ['unknown "nope" variable']
    assert errors("http", "log_format f $nope;") == ['unknown "nope" variable']
    assert errors("server", "if ($nope = 1) { return 404; }") == ['unknown "nope" variable']
    assert errors("http", "map $nope $a { b c; }") == ['unknown "nope" variable']


def test_a_variable_that_is_defined_later_and_elsewhere_is_known():
    for definition in (
        "map $host $mine { a b; }",
        "server { set $mine 1; }",
        "server { listen 81; server_name ~(?<mine>a); }",
        "server { location ~ (?<mine>a) { } }",
        "server { rewrite (?<mine>a) /b; }",
    ):
        assert errors("http", f"server {{ return 200 $mine; }} {definition}") == []


def test_a_misspelt_variable_comes_with_the_nearest():
    assert hints("server", "return 200 $requst_uri;") == ["did you mean $request_uri?"]


def test_an_unknown_variable_has_a_place_though_nginx_names_none():
    (problem,) = problems(whole("server", "return 200 $nope;"))
    assert problem.headline() == 'nginx: [emerg] unknown "nope" variable'
    assert (problem.at.line, problem.at.column) == (5, 12)


def test_a_configuration_has_events():
    (problem,) = problems("http { }")
    assert problem.message == 'no "events" section in configuration'
    assert problem.hint == "add: events { }"
