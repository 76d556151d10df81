from forkproxy.config.directives.proxy_preset import HEADERS, MAPS
from tests.support.configuration import errors, level


def test_it_is_off_unless_it_is_asked_for():
    assert level("location", "").value("proxy_preset") == "off"
    assert level("location", "proxy_preset modern;").value("proxy_preset") == "modern"


def test_a_preset_that_there_is_not_is_an_error():
    assert errors("http", "proxy_preset ancient;") == ['invalid value "ancient"']


def test_it_is_inherited_and_can_be_taken_back():
    http = level("http", "proxy_preset modern; server { location / { proxy_preset off; } }")
    (server,) = http.blocks("server")
    assert server.value("proxy_preset") == "modern"
    assert server.blocks("location")[0].value("proxy_preset") == "off"


def test_no_field_is_set_twice():
    names = [header.name.lower() for header in HEADERS]
    assert len(set(names)) == len(names)


def test_its_variables_are_no_names_that_a_configuration_would_take():
    assert all(made.variable.startswith("proxy_preset_") for made in MAPS)
