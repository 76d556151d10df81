import pytest

from forkproxy.config.directives.content import DEFAULT_TYPES, ErrorPage, TryFiles
from forkproxy.config.template import Var
from tests.support.configuration import errors, level, warnings


def value(text, name, place="location"):
    return level(place, text, prefix="/prefix").value(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/www", ("/srv/www",)),
        ("/srv/www/", ("/srv/www",)),
        ("www", ("/prefix/www",)),
        ("$host", (Var("host"),)),
        ("/srv/$host", ("/srv/", Var("host"))),
    ],
)
def test_a_root_is_a_folder_without_its_last_slash(text, expected):
    assert value(f"root {text};", "root") == expected


def test_an_alias_keeps_its_last_slash():
    assert value("alias /srv/;", "alias") == ("/srv/",)


def test_root_and_alias_exclude_each_other_at_one_level():
    assert errors("location", "root /a; alias /b;") == [
        '"alias" directive is duplicate, "root" directive was specified earlier'
    ]
    assert errors("server", "root /a; location / { alias /b; }") == []


def test_an_alias_needs_a_path_to_stand_for():
    assert errors("server", "location @a { alias /b; }") == [
        'the "alias" directive cannot be used inside the named location'
    ]


def test_files_are_tried_in_turn_and_then_a_uri():
    found = value("try_files $uri $uri/ /index.html;", "try_files")
    assert found == TryFiles(((Var("uri"),), (Var("uri"), "/")), (False, True), ("/index.html",), 0)


def test_files_are_tried_in_turn_and_then_a_status():
    assert value("try_files a =404;", "try_files") == TryFiles((("a",),), (False,), (), 404)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("404 /x", ErrorPage((404,), ("/x",))),
        ("500 502 @fall", ErrorPage((500, 502), ("@fall",))),
        ("404 =200 /x", ErrorPage((404,), ("/x",), 200)),
        ("404 = @x", ErrorPage((404,), ("@x",), 0)),
        ("404 http://$host/", ErrorPage((404,), ("http://", Var("host"), "/"))),
        ("497 https://$host", ErrorPage((497,), ("https://", Var("host")), 400)),
    ],
)
def test_an_error_page(text, expected):
    (line,) = level("http", f"error_page {text};").own("error_page")
    assert line.value == expected


def test_types_are_known_by_extension():
    found = value("types { text/html html HTM; text/css css; }", "types")
    assert found == {"html": "text/html", "htm": "text/html", "css": "text/css"}
    assert value("", "types") == DEFAULT_TYPES


def test_blocks_of_types_at_one_level_add_up_and_replace_those_outside():
    text = "types {{ a/a a; }} types {{ b/b b; }} server {{ {} }}"
    (server,) = level("http", text.format("")).blocks("server")
    assert server.value("types") == {"a": "a/a", "b": "b/b"}
    (server,) = level("http", text.format("types { c/c c; }")).blocks("server")
    assert server.value("types") == {"c": "c/c"}


def test_an_extension_that_two_types_claim_is_warned_of():
    assert warnings("http", "types { a/a x; b/b x; }") == [
        'duplicate extension "x", content type: "b/b", previous content type: "a/a"'
    ]


def test_index_files():
    assert value("index a.html $host.html;", "index") == (("a.html",), (Var("host"), ".html"))
    assert value("", "index") == (("index.html",),)
    assert errors("http", 'index a "";') == ['index "a" in "index" directive is invalid']
    assert len(warnings("http", "index /a b;")) == 1
