"""autoindex: lists of folders."""

import json
import os
from xml.etree import ElementTree as Xml

import pytest

from tests.support.client import get
from tests.support.inside import Inside

MOMENT = 1_000_000_000  # 2001-09-09 01:46:40 UTC


def listed(conf="", target=b"/d/"):
    with Inside(f"root %PREFIX%; location / {{ autoindex on; {conf} }}") as server:
        for name in ("d/b&.txt", "d/a:b", "d/.hidden", "d/sub/x", "d/" + "n" * 60):
            os.utime(server.write(name, b"hello"), (MOMENT, MOMENT))
        os.utime(server.prefix / "d/sub", (MOMENT, MOMENT))
        return get(server.address, target)


def test_html_as_nginx_writes_it():
    answer = listed()
    lines = answer.body.decode().split("\r\n")
    assert answer.get(b"content-type") == b"text/html"
    assert lines[1] == "<head><title>Index of /d/</title></head>"
    assert lines[3] == '<h1>Index of /d/</h1><hr><pre><a href="../">../</a>'
    date = "09-Sep-2001 01:46"
    assert lines[4] == '<a href="sub/">sub/</a>' + " " * 47 + date + f" {'-':>19}"
    assert lines[5] == '<a href="./a%3Ab">a:b</a>' + " " * 48 + date + f" {5:>19}"
    assert lines[6].startswith('<a href="b&amp;.txt">b&amp;.txt</a>')
    assert lines[7].endswith("n" * 47 + f"..&gt;</a> {date} {5:>19}")
    assert ".hidden" not in answer.body.decode()


def test_json():
    answer = listed("autoindex_format json;")
    assert answer.get(b"content-type") == b"application/json"
    found = json.loads(answer.body)
    assert found[0] == {
        "name": "sub",
        "type": "directory",
        "mtime": "Sun, 09 Sep 2001 01:46:40 GMT",
    }
    assert found[1]["size"] == 5


def test_jsonp_calls_back():
    answer = listed("autoindex_format jsonp;", b"/d/?callback=f")
    assert answer.get(b"content-type") == b"application/javascript"
    assert answer.body.startswith(b"f([")
    assert answer.body.endswith(b"]);")


def test_xml():
    root = Xml.fromstring(listed("autoindex_format xml;").body)
    assert [child.tag for child in root] == ["directory", "file", "file", "file"]
    assert root[1].attrib == {"mtime": "2001-09-09T01:46:40Z", "size": "5"}


@pytest.mark.parametrize(
    ("size", "shown"), [(5, "      5 "), (9999, "     10K"), (1 << 21, "      2M")]
)
def test_sizes_for_people(size, shown):
    conf = "root %PREFIX%; location / { autoindex on; autoindex_exact_size off; }"
    with Inside(conf) as server:
        server.write("d/x", b"x" * size)
        assert get(server.address, b"/d/").body.split(b"\r\n")[4].endswith(shown.encode())


def test_without_it_a_folder_is_forbidden():
    with Inside("root %PREFIX%; location / { }") as server:
        server.write("d/x", b"")
        assert get(server.address, b"/d/").status == 403


def test_an_index_file_goes_first():
    with Inside("root %PREFIX%; location / { autoindex on; }") as server:
        server.write("d/index.html", b"index")
        assert get(server.address, b"/d/").body == b"index"


def test_what_would_end_an_attribute_is_escaped_in_xml():
    with Inside("autoindex on; autoindex_format xml; root files;") as server:
        server.write('files/a"b<')
        answer = get(server.address)
        assert answer.get(b"content-type") == b"text/xml; charset=utf-8"
        assert b">a&quot;b&lt;</file>" in answer.body
