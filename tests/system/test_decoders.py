"""What is compressed is read by the programs that people use: curl, urllib3, Chromium."""

import html
import re
import shutil
import subprocess

import pytest
import urllib3

from tests.support.inside import Inside
from tests.support.origin import Origin, answers, chunked

CODINGS = {"gzip": "gzip", "brotli": "br", "zstd": "zstd"}
LINES = [f"<li>zeile {number} äöü</li>\n" for number in range(4000)]
PAGE = "<!doctype html>\n<meta charset=utf-8>\n<ul>\n" + "".join(LINES) + "</ul>\n"
OCTETS = PAGE.encode()
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.fixture(scope="module")
def site():
    """/gzip, /brotli and /zstd as a file, /stream/… as chunks of an upstream."""
    script = answers(
        chunked(
            [OCTETS[at : at + 5000] for at in range(0, len(OCTETS), 5000)],
            b"Content-Type: text/html",
        )
    )
    conf = "root files; default_type text/html;" + "".join(
        f"location /{name} {{ {name} on; }}"
        f"location /stream/{name} {{ {name} on; proxy_pass http://%ORIGIN%; }}"
        for name in CODINGS
    )
    with Origin(script) as origin, Inside(conf, ORIGIN=origin.address) as server:
        for name in CODINGS:
            server.write(f"files/{name}", OCTETS)
        yield f"http://{server.address}"


@pytest.mark.parametrize("source", ["", "/stream"])
@pytest.mark.parametrize("name", CODINGS)
def test_curl_reads_it(site, source, name):
    words = ["curl", "-sS", "--compressed", "--max-time", "20", "-D", "/dev/stderr"]
    done = subprocess.run([*words, f"{site}{source}/{name}"], capture_output=True, timeout=30)
    assert f"Content-Encoding: {CODINGS[name]}\r\n".encode() in done.stderr
    assert done.stdout == OCTETS


@pytest.mark.parametrize("source", ["", "/stream"])
@pytest.mark.parametrize("name", CODINGS)
def test_urllib3_reads_it(site, source, name):
    fields = urllib3.make_headers(accept_encoding="gzip, br, zstd")
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", f"{site}{source}/{name}", headers=fields, timeout=20)
    assert answer.headers["content-encoding"] == CODINGS[name]
    assert answer.data == OCTETS


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium (Debian: chromium-headless-shell)")
@pytest.mark.parametrize("name", CODINGS)
def test_chromium_reads_it(site, name, tmp_path):
    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    done = subprocess.run(
        [*words, "--dump-dom", f"{site}/{name}"], capture_output=True, text=True, timeout=60
    )
    shown = re.findall("<li>.*?</li>\n", html.unescape(done.stdout))
    assert shown == LINES
