"""`forkproxy help`: of one directive, of all, and of one that is not."""

from forkproxy.cli.main import main
from forkproxy.config.manual import page


def test_a_directive_is_explained(capsys):
    assert main(["help", "proxy_pass"]) == 0
    assert capsys.readouterr().out.startswith("proxy_pass: implemented\n")


def test_an_unknown_one_is_an_error_that_says_what_was_meant(capsys):
    assert main(["help", "prox_pass"]) == 1
    told = 'forkproxy: no directive is called "prox_pass": did you mean "proxy_pass"?\n'
    assert capsys.readouterr().err == told


def test_one_that_nothing_is_near_to_is_an_error_too(capsys):
    assert main(["help", "zzzzzzzz"]) == 1
    assert capsys.readouterr().err == 'forkproxy: no directive is called "zzzzzzzz"\n'


def test_without_a_name_all_are_listed(capsys):
    assert main(["help"]) == 0
    assert "proxy_pass" in capsys.readouterr().out.split()


def test_the_manual_is_the_page_of_all(capsys):
    assert main(["help", "--manual"]) == 0
    assert capsys.readouterr().out == page() + "\n"
