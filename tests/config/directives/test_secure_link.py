from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def test_hash_and_text_have_variables():
    found = level("location", "secure_link $arg_h,$arg_e; secure_link_md5 s$uri;")
    assert found.value("secure_link") == (Var("arg_h"), ",", Var("arg_e"))
    assert found.value("secure_link_md5") == ("s", Var("uri"))


def test_a_secret_belongs_to_a_location():
    assert level("location", "secure_link_secret s;").value("secure_link_secret") == "s"
    assert errors("server", "secure_link_secret s;") == [
        '"secure_link_secret" directive is not allowed here'
    ]
