"""Heads: each message of tests/corpus, httptools beside it, and what is read out of one."""

from pathlib import Path

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forkproxy.errors import ProtocolError
from forkproxy.wire.head import parse_fields, parse_request_head, parse_response_head
from forkproxy.wire.head_limits import HeadLimits, response_length
from tests.support.requests import Seen, read_request, refusal, request
from tests.support.threeways import three_ways

CORPUS = Path(__file__).parents[1] / "corpus"


def rows():
    """Yield (file, forkproxy, httptools) of each row of the corpus' table."""
    for line in (CORPUS / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].endswith(".http"):
            yield cells[:3]


ROWS = list(rows())
NAMES = [row[0] for row in ROWS]


class Oracle:
    """Reads one request with httptools."""

    def __init__(self, octets):
        self.fields, self.content, self.target = [], b"", b""
        self.complete = self.broken = False
        self._parser = httptools.HttpRequestParser(self)
        try:
            self._parser.feed_data(octets)
        except httptools.HttpParserUpgrade:
            self.complete = True
        except httptools.HttpParserError:
            self.broken = not self.complete

    def on_url(self, piece):
        self.target += piece

    def on_header(self, name, value):
        self.fields.append((name, value.rstrip(b" \t")))  # it leaves white space behind a value

    def on_body(self, piece):
        self.content += piece

    def on_message_complete(self):
        self.complete = True

    def seen(self):
        target = self.target.partition(b"#")[0]
        minor = int(self._parser.get_http_version()[-1])
        return Seen(self._parser.get_method(), target, minor, self.fields, self.content, [])


def head(*args, **kwargs):
    return parse_request_head(request(*args, **kwargs))


# The corpus.


def test_each_message_of_the_corpus_has_one_row():
    files = {str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*.http")}
    assert sorted(NAMES) == sorted(files)


@pytest.mark.parametrize(("name", "verdict"), [row[:2] for row in ROWS], ids=NAMES)
def test_the_corpus_is_judged_as_its_table_says(name, verdict):
    found = three_ways(read_request, (CORPUS / name).read_bytes())
    assert found is not None
    assert verdict == ("accepted" if isinstance(found, tuple) else str(found))


@pytest.mark.parametrize(("name", "oracle"), [(row[0], row[2]) for row in ROWS], ids=NAMES)
def test_httptools_judges_the_corpus_as_the_table_says(name, oracle):
    found = Oracle((CORPUS / name).read_bytes())
    assert oracle == ("refused" if found.broken else "accepted" if found.complete else "waits")


BOTH = [name for name, ours, theirs in ROWS if ours == theirs == "accepted"]
DROPS = {
    "http1/valid/name-with-underscore.http",
    "http1/valid/name-odd.http",
    "http1/valid/cl-lookalike-underscore.http",
    "http1/valid/te-lookalike-dot.http",
    "http1/valid/te-lookalike-underscore.http",
}


@pytest.mark.parametrize("name", sorted(set(BOTH) - DROPS))
def test_httptools_sees_the_same_in_what_both_accept(name):
    octets = (CORPUS / name).read_bytes()
    seen, rest = read_request(iter([octets]))
    alone = octets.removesuffix(rest) if rest else octets
    theirs = Oracle(alone).seen()
    if seen.trailers:  # httptools gives them as fields
        theirs = theirs._replace(fields=theirs.fields[: -len(seen.trailers)])
    assert theirs == seen._replace(trailers=[])


# Heads nobody thought of, beside httptools.

LINES = st.sampled_from(
    [b"GET / HTTP/1.1", b"POST /a?b=c HTTP/1.1", b"PUT /%20 HTTP/1.0", b"OPTIONS * HTTP/1.1"]
)
FIELDS = st.lists(
    st.sampled_from(
        [
            b"Content-Length: 5",
            b"Content-Length: 0",
            b"Transfer-Encoding: chunked",
            b"Connection: close",
            b"Connection: keep-alive",
            b"X-A: one, two",
            b"X-B:\t three ",
            b"Cookie: a=b; c",
            b"Accept:",
        ]
    ),
    max_size=4,
)
BODIES = st.sampled_from([b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"5;a\r\nhello\r\n0\r\n\r\n"])
OCTETS = st.sampled_from([bytes([octet]) for octet in b"\r\n\0\t :;,/?#+-_0159aAfFxzZ\x0b\x7f\x80"])
SPOILS = st.lists(st.tuples(st.integers(0, 200), OCTETS, st.integers(0, 2)), max_size=3)
WHOLE = HeadLimits(underscores=True, ignore_invalid=False)


def spoiled(octets, spoils):
    """Replace, put in or take out single octets."""
    for at, octet, what in spoils:
        at %= len(octets)
        octets = octets[:at] + (octet if what else b"") + octets[at + (what != 2) :]
    return octets


def beyond_httptools(seen, octets):
    """Tell what httptools refuses and we mean to accept: the corpus has one of each."""
    methods = {b"GET", b"POST", b"PUT", b"OPTIONS"}
    bare_lf = octets.count(b"\n") != octets.count(b"\r\n")
    return bare_lf or seen.method not in methods or any(octet > 127 for octet in seen.target)


@given(LINES, FIELDS, BODIES, SPOILS)
@example(b"GET / HTTP/1.1", [], b"", [])
def test_what_is_accepted_httptools_accepts_and_sees_the_same(line, fields, body, spoils):
    octets = spoiled(request(line, *fields) + body, spoils)
    found = three_ways(lambda pieces: read_request(pieces, WHOLE), octets)
    if not isinstance(found, tuple):
        return
    seen, rest = found
    if beyond_httptools(seen, octets) or b"HTTP/1.5" in octets or b"HTTP/1.9" in octets:
        return
    oracle = Oracle(octets[: len(octets) - len(rest)])
    assert oracle.complete
    theirs = oracle.seen()
    if seen.trailers:
        theirs = theirs._replace(fields=theirs.fields[: -len(seen.trailers)])
    assert theirs == seen._replace(trailers=[])


@given(st.binary(max_size=200))
def test_noise_is_read_the_same_in_three_ways(octets):
    three_ways(read_request, octets)


# Lines.


def test_a_line_may_end_with_a_lf_alone():
    found = parse_request_head(b"\nGET /a HTTP/1.1\nHost: b\nX-A: one\n\n")
    assert (found.target, found.request_line) == (b"/a", b"GET /a HTTP/1.1")
    assert found.fields.items() == [(b"Host", b"b"), (b"X-A", b"one")]


def test_a_cr_without_its_lf_is_refused_in_a_head_of_lf_lines():
    assert refusal(b"GET / HTTP/1.1\nHost: b\rX: y\n\n") == 400


def test_what_is_incomplete_is_no_head():
    assert refusal(b"GET / HTTP/1.1\r\n") == 400


def test_more_fields_than_stand_inside_of_the_object_are_kept():
    lines = [b"X-%d: %d" % (index, index) for index in range(999)]
    fields = head(b"GET / HTTP/1.1", *lines).fields
    assert fields.items()[1:] == [tuple(line.split(b": ")) for line in lines]


# Request lines.


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"M-SEARCH", b"VERSION_CONTROL", b"X"])
def test_a_method_is_capitals_hyphens_and_underscores(method):
    assert head(method + b" / HTTP/1.1").method == method


def test_the_query_is_what_follows_the_first_question_mark():
    found = head(b"GET /a?b?c HTTP/1.1")
    assert (found.target, found.path, found.query) == (b"/a?b?c", b"/a", b"b?c")


def test_no_query_is_not_an_empty_query():
    assert head(b"GET /a HTTP/1.1").query is None
    assert head(b"GET /a? HTTP/1.1").query == b""


@pytest.mark.parametrize("target", [b"/a?b#c?d", b"/a?b#", b"/a?b##c"])
def test_a_fragment_is_cut(target):
    found = head(b"GET %s HTTP/1.1" % target)
    assert (found.target, found.path, found.query) == (b"/a?b", b"/a", b"b")


def test_the_request_line_is_kept_as_it_came():
    found = parse_request_head(b"\r\n\r\n" + request(b"GET /a#b HTTP/1.1"))
    assert found.request_line == b"GET /a#b HTTP/1.1"
    assert found.raw == request(b"GET /a#b HTTP/1.1")


@pytest.mark.parametrize(
    ("target", "scheme", "authority", "path", "query"),
    [
        (b"http://h/a?b", b"http", b"h", b"/a", b"b"),
        (b"HTTPS://H:1/", b"https", b"H:1", b"/", None),
        (b"http://h", b"http", b"h", b"/", None),
        (b"http://h?b/c", b"http", b"h", b"/", b"b/c"),
        (b"coap+tcp://[::1]/a", b"coap+tcp", b"[::1]", b"/a", None),
    ],
)
def test_an_absolute_target_is_taken_apart(target, scheme, authority, path, query):
    found = head(b"GET %s HTTP/1.1" % target)
    assert (found.scheme, found.authority) == (scheme, authority)
    assert (found.path, found.query) == (path, query)


@pytest.mark.parametrize("target", [b"h/a", b"://h/", b"1h://h/", b"h_p://h/", b"?a", b"*"])
def test_a_target_of_no_form_is_refused(target):
    assert refusal(request(b"GET %s HTTP/1.1" % target)) == 400


def test_an_asterisk_is_for_options_alone():
    assert head(b"OPTIONS * HTTP/1.1").path == b"*"


def test_connect_names_an_authority():
    assert head(b"CONNECT other:443 HTTP/1.1").authority == b"other:443"


@pytest.mark.parametrize(("version", "minor"), [(b"1.0", 0), (b"1.1", 1), (b"1.2", 1), (b"1.9", 1)])
def test_a_later_minor_version_is_taken_as_1_1(version, minor):
    assert head(b"GET / HTTP/" + version).minor == minor


@pytest.mark.parametrize(
    ("version", "status"),
    [(b"2.0", 505), (b"3.0", 505), (b"0.9", 400), (b"1.", 400), (b"1.1x", 400)],
)
def test_other_versions_are_refused(version, status):
    assert refusal(request(b"GET / HTTP/" + version)) == status


# Hosts.


def test_the_host_is_lower_case_and_without_port():
    found = head(host=b"UPPER.Com:99")
    assert (found.host, found.hostname) == (b"UPPER.Com:99", b"upper.com")


def test_the_host_of_an_absolute_target_goes_before_the_field():
    found = head(b"GET http://Other.com:1/x HTTP/1.1")
    assert (found.host, found.hostname) == (b"localhost", b"other.com")


@pytest.mark.parametrize("target", [b"http://u@h/", b"http://h:x/", b"http:///", b"http://h h/"])
def test_an_absolute_target_needs_a_host(target):
    assert refusal(request(b"GET %s HTTP/1.1" % target)) == 400


def test_a_field_that_is_no_host_is_refused_beside_an_absolute_target():
    assert refusal(request(b"GET http://h/ HTTP/1.1", host=b"a/b")) == 400


def test_http_1_0_may_do_without_a_host():
    assert parse_request_head(b"GET / HTTP/1.0\r\n\r\n").hostname is None


# Fields.


def test_white_space_around_a_value_is_no_part_of_it():
    found = head(b"GET / HTTP/1.1", b"X-A: \t one \t two\t ", b"X-B:", b"X-C: \t ")
    assert found.fields.items()[1:] == [(b"X-A", b"one \t two"), (b"X-B", b""), (b"X-C", b"")]


@pytest.mark.parametrize(("length", "octet"), [(n, o) for n in range(20) for o in (0, 31, 127)])
def test_a_control_octet_is_found_wherever_it_stands(length, octet):
    value = b"a" * length + bytes([octet]) + b"\xe9" * 9
    assert refusal(request(b"GET / HTTP/1.1", b"X-A: " + value)) == 400


@pytest.mark.parametrize("octet", [octet for octet in range(256) if octet not in b"\r\n"])
def test_a_value_holds_visible_octets_space_and_tab(octet):
    value = b"before-it " + bytes([octet]) + b" behind-it"
    octets = request(b"GET / HTTP/1.1", b"X-A: " + value)
    if octet == 9 or (octet >= 32 and octet != 127):
        assert parse_request_head(octets).fields.get(b"x-a") == value
    else:
        assert refusal(octets) == 400


TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("octet", [octet for octet in range(256) if octet not in b":\r\n"])
def test_a_name_is_a_token(octet):
    octets = request(b"GET / HTTP/1.1", b"X" + bytes([octet]) + b"A: one")
    if octet in TOKEN:
        parse_request_head(octets)
    else:
        assert refusal(octets) == 400


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({}, {b"X-A"}),
        ({"underscores": True}, {b"X-A", b"X_A"}),
        ({"ignore_invalid": False}, {b"X-A", b"X_A", b"X.A"}),
        ({"ignore_invalid": False, "underscores": True}, {b"X-A", b"X_A", b"X.A"}),
    ],
)
def test_names_with_other_than_letters_digits_and_hyphens_go_as_configured(limits, kept):
    octets = request(b"GET / HTTP/1.1", b"X-A: 1", b"X_A: 2", b"X.A: 3")
    fields = parse_request_head(octets, HeadLimits(**limits)).fields
    assert {name for name, _ in fields} - {b"Host"} == kept


def test_a_line_that_is_dropped_frames_nothing():
    found = head(b"GET / HTTP/1.1", b"Content_Length: 5", b"Transfer.Encoding: chunked")
    assert (found.content_length, found.chunked) == (-1, False)


def test_trailers_are_field_lines_up_to_an_empty_one():
    assert parse_fields(b"X-A: one\r\nx-b: two\r\n\r\n").items() == [
        (b"X-A", b"one"),
        (b"x-b", b"two"),
    ]


@pytest.mark.parametrize("block", [b"", b"X-A: one\r\n", b"X-A", b"X-A: one\n\n"])
def test_trailers_without_their_end_are_refused(block):
    with pytest.raises(ProtocolError):
        parse_fields(block)


# Responses.


def read_response(pieces):
    data, length, scanned = b"", 0, 0
    while not length:
        piece = next(pieces, None)
        if piece is None:
            return None
        data += piece
        length, scanned = response_length(data, scanned)
    found = parse_response_head(data[:length])
    seen = (found.minor, found.status, found.reason, found.fields.items(), found.keep_alive)
    return seen, data[length:] + b"".join(pieces)


def response(line=b"HTTP/1.1 200 OK", *fields):
    return b"\r\n".join([line, *fields]) + b"\r\n\r\n"


def test_a_response_head_is_read():
    octets = response(b"HTTP/1.1 404 Not Found", b"Content-Length: 3", b"X-A: one")
    (seen, rest) = three_ways(read_response, octets)
    fields = [(b"Content-Length", b"3"), (b"X-A", b"one")]
    assert seen == (1, 404, b"Not Found", fields, True)
    assert rest == b""


def test_an_upstream_may_end_its_lines_with_lf():
    (seen, _) = three_ways(read_response, b"HTTP/1.1 200 OK\nContent-Length: 0\nX: y\r\n\n")
    assert seen[3] == [(b"Content-Length", b"0"), (b"X", b"y")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"HTTP/1.1 200", b""),
        (b"HTTP/1.1 200 ", b""),
        (b"HTTP/1.1 200 Tr\xe8s bien", b"Tr\xe8s bien"),
        (b"HTTP/1.1 299 A b", b"A b"),
    ],
)
def test_a_reason_is_any_text_or_none(line, reason):
    (seen, _) = three_ways(read_response, response(line))
    assert seen[2] == reason


@pytest.mark.parametrize(
    "octets",
    [
        response(b"HTTP/2 200 OK"),
        response(b"HTTP/1.1 20 OK"),
        response(b"HTTP/1.1 099 OK"),
        response(b"HTTP/1.1 1000 OK"),
        response(b"HTTP/1.1  200 OK"),
        response(b"HTTP/1.1 2x0 OK"),
        response(b"HTTP/1.1 200 O\x01K"),
        response(b"HTTP/1.1 200 O\rK"),
        response(b"ICY 200 OK"),
        response(b"Content-Type: text/html"),
        response(b"HTTP/1.1 200 OK", b" X-A: one"),
        response(b"HTTP/1.1 200 OK", b"X-A: one", b" two"),
        response(b"HTTP/1.1 200 OK", b"X-A : one"),
        response(b"HTTP/1.1 200 OK", b"X-A: one\rX-B: two"),
        response(b"HTTP/1.1 200 OK", b"X-A: o\0e"),
        response(b"HTTP/1.1 200 OK", b"no colon"),
        response(b"HTTP/1.1 200 OK", b"Content-Length: 1", b"Transfer-Encoding: chunked"),
    ],
)
def test_a_malformed_response_head_is_refused(octets):
    assert isinstance(three_ways(read_response, octets), int)


def test_an_upstreams_odd_names_are_kept():
    assert three_ways(read_response, response(b"HTTP/1.1 200 OK", b"X_A: 1", b"X!: 2"))[0][3] == [
        (b"X_A", b"1"),
        (b"X!", b"2"),
    ]


@given(st.binary(max_size=200))
def test_noise_of_an_upstream_is_read_the_same_in_three_ways(octets):
    three_ways(read_response, octets)
