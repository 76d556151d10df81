from forkproxy.config.template import Var
from tests.support.configuration import level


def test_realm_and_file_may_have_variables():
    found = level("location", "auth_basic $host; auth_basic_user_file a/$arg_x;")
    assert found.value("auth_basic") == (Var("host"),)
    assert found.value("auth_basic_user_file") == ("a/", Var("arg_x"))


def test_it_is_off_unless_it_is_said():
    assert level("location", "").value("auth_basic") == ("off",)
