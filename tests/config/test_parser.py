import pytest

from forkproxy.config.parser import DEEPEST, Parser, flat
from forkproxy.config.problems import Findings


def parse(text, folder="/nowhere"):
    parser = Parser(Findings(), folder)
    return parser, parser.read_text(text, "a.conf")


def parse_file(folder, **files):
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    parser = Parser(Findings(), str(folder))
    return parser, parser.read_file(str(folder / "main.conf"))


def said(parser):
    return [problem.message for problem in parser.findings.problems()]


def names(nodes):
    """Return the tree as nested lists of names."""
    return [
        node.name if node.block is None else [node.name, names(node.block)] for node in flat(nodes)
    ]


def test_a_tree_of_blocks_and_directives():
    parser, file = parse("a 1; b { c; d { e 2 3; } } f;")
    assert names(file.nodes) == ["a", ["b", ["c", ["d", ["e"]]]], "f"]
    assert file.nodes[1].block[1].block[0].args == ("2", "3")
    assert said(parser) == []


def test_a_directive_knows_where_it_stands_and_where_its_words_end():
    _, file = parse("a;\n  b\n  c\n  ;")
    node = file.nodes[1]
    assert (node.at.path, node.at.line, node.at.column) == ("a.conf", 2, 3)
    assert node.line == 4


def test_order_numbers_follow_the_reading():
    _, file = parse("a; b { c; } d;")
    a, b, d = file.nodes
    assert a.order < b.order < b.block[0].order < b.closed < d.order


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (";", 'unexpected ";"'),
        ("a;;", 'unexpected ";"'),
        ("}", 'unexpected "}"'),
        ("a }", 'unexpected "}"'),
        ("{", 'unexpected "{"'),
        ("a", 'unexpected end of file, expecting ";" or "}"'),
        ("a {", 'unexpected end of file, expecting "}"'),
        ('a "b', 'unexpected end of file, expecting ";" or "}"'),
        ('"a"b;', 'unexpected "b"'),
    ],
)
def test_what_nginx_says_first(text, message):
    parser, _ = parse(text)
    assert said(parser)[0] == message


def test_reading_goes_on_behind_an_error():
    parser, file = parse('a ;; "b"c; d { e } f;')
    assert said(parser) == ['unexpected ";"', 'unexpected "c"', 'unexpected "}"']
    assert names(file.nodes) == ["a", "b", ["d", ["e"]], "f"]


def test_a_missing_semicolon_and_a_missing_brace_are_named():
    hints = [
        parse(text)[0].findings.problems()[0].hint for text in ("a { b 1 }", "a 1", "\na {\n b;")
    ]
    assert hints == [
        '";" is missing after "1"',
        '";" is missing after "1"',
        '"a" of line 2 is not closed',
    ]


def test_blocks_may_not_be_nested_without_end():
    parser, _ = parse("a {" * (DEEPEST + 1) + "}" * (DEEPEST + 1))
    assert said(parser) == [f"blocks are nested more than {DEEPEST} deep"]


def test_the_command_line_takes_no_blocks_and_says_parameter():
    parser = Parser(Findings(), "/")
    parser.read_text("events { }", "command line", blocks=False)
    parser.read_text("daemon off", "command line", blocks=False)
    assert said(parser) == [
        "block directives are not supported in -g option",
        'unexpected end of parameter, expecting ";"',
    ]


def test_octets_that_are_no_utf8_survive(tmp_path):
    (tmp_path / "main.conf").write_bytes(b"a \xff\xe4;")
    file = Parser(Findings(), str(tmp_path)).read_file(str(tmp_path / "main.conf"))
    assert file.nodes[0].args[0].encode("utf-8", "surrogateescape") == b"\xff\xe4"


def test_a_main_file_that_is_not_there_is_a_problem_without_a_place(tmp_path):
    path = str(tmp_path / "none.conf")
    parser = Parser(Findings(), str(tmp_path))
    parser.read_file(path)
    (problem,) = parser.findings.problems()
    assert problem.headline() == (
        f'nginx: [emerg] open() "{path}" failed (2: No such file or directory)'
    )


def test_an_included_file_stands_where_the_include_does(tmp_path):
    _, file = parse_file(tmp_path, main_conf="a; b { include x.conf; c; }", x_conf="d; e { }")
    assert names(file.nodes) == ["a", ["b", ["d", ["e", []], "c"]]]


def test_an_include_is_relative_to_the_folder_of_the_main_file(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.conf").write_text("include y.conf;")
    (tmp_path / "y.conf").write_text("y;")
    _, file = parse_file(tmp_path, main_conf="include sub/x.conf;")
    assert names(file.nodes) == ["y"]


def test_a_pattern_brings_its_files_in_order_and_may_bring_none(tmp_path):
    for name in ("b", "a", "C", ".hidden"):
        (tmp_path / f"{name}.inc").write_text(f"{name.strip('.')};")
    parser, file = parse_file(tmp_path, main_conf="include *.inc; include none/*;")
    assert names(file.nodes) == ["C", "a", "b"]
    assert said(parser) == []


def test_a_named_file_that_is_missing_is_an_error(tmp_path):
    parser, _ = parse_file(tmp_path, main_conf="include x.conf;")
    (problem,) = parser.findings.problems()
    assert problem.message == f'open() "{tmp_path}/x.conf" failed (2: No such file or directory)'
    assert problem.line == 1


def test_a_file_cannot_include_itself_not_even_through_another(tmp_path):
    parser, _ = parse_file(tmp_path, main_conf="include x.conf;", x_conf="include main.conf;")
    assert said(parser) == [f'recursive include of "{tmp_path}/main.conf"']


def test_the_same_file_may_be_included_twice(tmp_path):
    parser, file = parse_file(tmp_path, main_conf="include x.conf; include x.conf;", x_conf="d;")
    assert names(file.nodes) == ["d", "d"]
    assert said(parser) == []


def test_a_problem_in_an_included_file_tells_how_one_got_there(tmp_path):
    parser, _ = parse_file(
        tmp_path, main_conf="a;\ninclude x.conf;", x_conf="\n include y.conf;", y_conf=";"
    )
    (problem,) = parser.findings.problems()
    assert str(problem.at) == f"{tmp_path}/y.conf:1:1"
    assert [str(at) for at in problem.chain] == [
        f"{tmp_path}/x.conf:2:2",
        f"{tmp_path}/main.conf:2:1",
    ]


def test_a_block_cannot_be_closed_by_an_included_file(tmp_path):
    parser, _ = parse_file(tmp_path, main_conf="a { include x.conf; }", x_conf="b; }")
    assert said(parser) == ['unexpected "}"']


@pytest.mark.parametrize("text", ["include;", "include a b;"])
def test_an_include_takes_one_argument(text):
    parser, _ = parse(text)
    assert said(parser) == ['invalid number of arguments in "include" directive']


def test_files_that_include_each_other_in_a_long_row_are_an_error(tmp_path):
    for number in range(120):
        (tmp_path / f"{number}").write_text(f"include {number + 1};\n")
    (tmp_path / "120").write_text("")
    parser = Parser(Findings(), str(tmp_path))
    parser.read_file(str(tmp_path / "0"))
    (problem,) = parser.findings.problems()
    assert problem.message == "files are included more than 100 deep"


def test_blocks_in_files_in_blocks_count_as_one_depth(tmp_path):
    (tmp_path / "inner").write_text("a { " * 60 + "}" * 60)
    parser = Parser(Findings(), str(tmp_path))
    parser.read_text("b { " * 60 + "include inner;" + "}" * 60, "outer")
    assert {problem.message for problem in parser.findings.problems()} == {
        "blocks are nested more than 100 deep"
    }


def test_what_stands_too_deep_belongs_to_nothing():
    parser = Parser(Findings(), "/")
    (node,) = parser.read_text("a { " * 150 + "b;" + "}" * 150, "deep").nodes
    depth = 0
    while node.block:
        (node,) = node.block
        depth += 1
    assert depth == 99
