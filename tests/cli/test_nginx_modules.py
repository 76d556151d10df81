from forkproxy.cli.nginx_modules import USUAL, WANTED, configure_arguments, taken


def test_what_proxies_is_there():
    assert taken("proxy_pass")
    assert "--without-http_proxy_module" not in configure_arguments()


def test_a_module_whose_directive_is_unknown_is_not_there():
    assert not taken("no_such_directive")


def test_each_module_is_listed_as_it_is():
    arguments = configure_arguments()
    for name, directive in USUAL.items():
        assert (f"--without-{name}" in arguments) is not taken(directive)
    for name, directive in WANTED.items():
        assert (f"--with-{name}" in arguments) is taken(directive)
