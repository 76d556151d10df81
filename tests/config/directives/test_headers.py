from forkproxy.config.directives.headers import AddHeader
from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def test_a_field_for_responses():
    scope = level("http", 'add_header A "b $host"; add_header C d always;')
    assert [line.value for line in scope.lines("add_header")] == [
        AddHeader("A", ("b ", Var("host"))),
        AddHeader("C", ("d",), always=True),
    ]


def test_a_third_word_is_always():
    assert errors("http", "add_header A b sometimes;") == ['invalid parameter "sometimes"']
