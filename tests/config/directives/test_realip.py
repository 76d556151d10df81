from tests.support.configuration import errors, level


def value(text, name):
    return level("http", text).own(name)[0].value


def test_networks_hosts_and_unix_sockets():
    assert str(value("set_real_ip_from 10.0.0.0/8;", "set_real_ip_from").network) == "10.0.0.0/8"
    assert value("set_real_ip_from localhost;", "set_real_ip_from").host == "localhost"
    found = value("set_real_ip_from unix:;", "set_real_ip_from")
    assert (found.network, found.host) == (None, "")


def test_a_field_is_in_lower_case():
    assert value("real_ip_header X-Real-IP;", "real_ip_header") == "x-real-ip"


def test_what_is_no_network_and_no_host():
    assert errors("http", "set_real_ip_from 10.0.0.0/99;") == [
        '"set_real_ip_from" directive invalid parameter "10.0.0.0/99"'
    ]
