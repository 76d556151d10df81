import subprocess

import pytest

from forkproxy.cli.nginx_options import Misused, Options, Order, Show, parse
from tests.support.proxy import Nginx


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], Options()),
        (["-t"], Options(test=True)),
        (["-tq"], Options(test=True, quiet=True)),
        (["-T"], Options(test=True, dump=True)),
        (["-v"], Options(show=Show.VERSION)),
        (["-V"], Options(show=Show.CONFIGURE)),
        (["-?"], Options(show=Show.HELP)),
        (["-h", "-t"], Options(show=Show.HELP, test=True)),
        (["-c", "a.conf"], Options(conf="a.conf")),
        (["-ca.conf"], Options(conf="a.conf")),
        (["-tc", "a.conf"], Options(test=True, conf="a.conf")),
        (["-p", "/a/", "-e", "stderr"], Options(prefix="/a/", error_log="stderr")),
        (["-g", "daemon off;"], Options(directives="daemon off;")),
        (["-s", "reload"], Options(order=Order.RELOAD)),
        (["-squit"], Options(order=Order.QUIT)),
    ],
)
def test_what_the_words_mean(arguments, expected):
    assert parse(arguments) == expected


MISUSES = [
    (["extra"], 'invalid option: "extra"'),
    (["-x"], 'invalid option: "x"'),
    (["-tx"], 'invalid option: "x"'),
    (["-c"], 'option "-c" requires file name'),
    (["-tc"], 'option "-c" requires file name'),
    (["-e"], 'option "-e" requires file name'),
    (["-p"], 'option "-p" requires directory name'),
    (["-g"], 'option "-g" requires parameter'),
    (["-s"], 'option "-s" requires parameter'),
    (["-s", "start"], 'invalid option: "-s start"'),
]


@pytest.mark.parametrize(("arguments", "text"), MISUSES)
def test_what_is_refused(arguments, text):
    with pytest.raises(Misused) as refused:
        parse(arguments)
    assert str(refused.value) == text


@pytest.mark.skipif(not Nginx.installed(), reason="nginx is not installed")
@pytest.mark.parametrize(("arguments", "text"), MISUSES)
def test_nginx_says_the_same(arguments, text):
    told = subprocess.run([Nginx.binary(), *arguments], capture_output=True, text=True, check=False)
    assert (told.stderr, told.returncode) == (f"nginx: {text}\n", 1)
