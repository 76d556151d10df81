"""$fastcgi_script_name and $fastcgi_path_info."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside

SPLIT = "fastcgi_split_path_info ^(.+?[.]php)(/.*)$;"


@pytest.mark.parametrize(
    ("conf", "target", "name", "info"),
    [
        ("", b"/a.php", b"/a.php", b""),
        ("fastcgi_index index.php;", b"/", b"/index.php", b""),
        ("fastcgi_index index.php;", b"/a.php", b"/a.php", b""),
        (SPLIT, b"/a.php/more/of?it", b"/a.php", b"/more/of"),
        (SPLIT, b"/a.txt", b"/a.txt", b""),
        ("fastcgi_index i.php; fastcgi_split_path_info ^(/x/)(.*)$;", b"/x/y", b"/x/i.php", b"y"),
    ],
)
def test_a_path_is_cut_in_two(conf, target, name, info):
    location = f"location / {{ {conf} return 200 '$fastcgi_script_name|$fastcgi_path_info'; }}"
    with Inside(location) as server:
        assert get(server.address, target).body == name + b"|" + info


def test_an_index_of_an_outer_level_holds_within():
    http = "fastcgi_index index.php;"
    with Inside("location / { return 200 $fastcgi_script_name; }", http=http) as server:
        assert get(server.address, b"/dir/").body == b"/dir/index.php"
