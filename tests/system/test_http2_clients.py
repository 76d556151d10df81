"""Clients of all kinds speak HTTP/2 to it: curl, nghttp, h2load, Chromium."""

import base64
import contextlib
import hashlib
import re
import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.eventually import eventually
from tests.support.inside import Inside
from tests.support.origin import Origin, chunked, response
from tests.support.tls import folder, server_lines
from tests.support.websocket import echo

CHROMIUM = shutil.which("chromium")
LARGE = bytes(range(256)) * 4096
PAGE = b"""<!doctype html><script>
const protocol = performance.getEntriesByType("navigation")[0].nextHopProtocol;
const socket = new WebSocket(`wss://${location.host}/socket`);
const said = [];
socket.onopen = () => socket.send("one");
socket.onmessage = event => {
    said.push(event.data);
    if (said.length < 3) socket.send("more"); else socket.close(1000);
};
socket.onclose = event => fetch(`/report?${protocol}.${said.join("-")}.${event.code}`);
</script>"""
SERVER = """
    server {
        listen %PORT% ssl; http2 on;
        access_log logs/access.log seen;
        location / { return 200 $server_protocol; }
        location /files/ { root %PREFIX%; }
        location /page { default_type text/html; alias %PREFIX%/page; }
        location /report { return 204; }
        location /sum {
            add_header X-Sum $trailer_x_sum; add_header X-Length $request_length always;
            proxy_pass http://%ORIGIN%;
        }
        location /hints { early_hints 1; proxy_pass_trailers on; proxy_pass http://%ORIGIN%; }
        location /socket {
            proxy_pass http://%ECHO%; proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
        }
    }
"""
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


def script(peer):
    """Answer what has content with its sum, all else with hints, chunks and a trailer."""
    while True:
        asked = peer.request()
        if asked.body:
            peer.send(response(hashlib.sha256(asked.body).hexdigest().encode()))
        else:
            peer.send(HINTS + chunked([b"one", b"two"], trailers=[b"X-Sum: 6"]))


@pytest.fixture(scope="module")
def server():
    seen = 'log_format seen "$request_method $uri $args $server_protocol $status";'
    text = SERVER.replace("http2 on;", f"http2 on; {server_lines()}")
    with (
        Origin(script) as origin,
        Origin(echo) as echoing,
        Inside(text, http=seen, ORIGIN=origin.address, ECHO=echoing.address) as inside,
    ):
        inside.write("files/large", LARGE)
        inside.write("page", PAGE)
        inside.origin = origin
        yield inside
        assert origin.faults == []


def installed(*words):
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    return words


def run(*words, given=None):
    done = subprocess.run(installed(*words), input=given, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def curl(server, path, *words, **given):
    url = f"https://{server.address}{path}"
    return run("curl", "-sk", "--http2", "--max-time", "20", *words, url, **given)


def test_curl_agrees_on_it(server):
    assert curl(server, "/", "-w", " by %{http_version}") == b"HTTP/2.0 by 2"


def test_curl_fetches_a_file(server):
    assert curl(server, "/files/large") == LARGE


def test_curl_sends_content_of_a_length_and_of_none(server):
    expected = hashlib.sha256(LARGE).hexdigest().encode()
    assert curl(server, "/sum", "--data-binary", "@-", given=LARGE) == expected
    assert curl(server, "/sum", "-T", "-", given=LARGE) == expected


def test_curl_reads_past_hints_and_trailers(server):
    assert curl(server, "/hints") == b"onetwo"


def test_curl_asks_many_times_on_one_connection(server):
    url = f"https://{server.address}/files/large"
    urls = ["-o", "/dev/null", url] * 20
    said = run("curl", "-sk", "--parallel", "-w", "%{num_connects} %{http_code}\n", *urls)
    lines = said.split(b"\n")[:-1]
    assert lines.count(b"0 200") + lines.count(b"1 200") == 20
    assert lines.count(b"1 200") <= 2


def nghttp(server, path, *words, **given):
    """Return what it has to tell, without colours."""
    said = run("nghttp", "-vy", *words, f"https://{server.address}{path}", **given).decode(
        "latin-1"
    )
    return re.sub(r"\x1b\[[\d;]*m", "", said)


def test_nghttp_hears_hints_the_answer_and_its_trailers(server):
    said = nghttp(server, "/hints")
    lines = re.findall(r"recv \(stream_id=\d+\) (.+)", said)
    status = [line for line in lines if line.startswith(":status")]
    assert status == [":status: 103", ":status: 200"]
    assert lines.index("link: </a.css>; rel=preload") < lines.index(":status: 200")
    assert lines[-1] == "x-sum: 6"


def test_nghttp_sends_trailers(server, tmp_path):
    (tmp_path / "body").write_bytes(LARGE)
    said = nghttp(server, "/sum", "-d", str(tmp_path / "body"), "--trailer", "x-sum: 42")
    assert "x-sum: 42" in re.findall(r"recv \(stream_id=\d+\) (.+)", said)


def test_nghttp_waits_for_100_continue(server, tmp_path):
    (tmp_path / "body").write_bytes(LARGE)
    said = nghttp(server, "/sum", "-d", str(tmp_path / "body"), "--expect-continue")
    status = re.findall(r"recv \(stream_id=\d+\) (:status: \d+)", said)
    assert status == [":status: 100", ":status: 200"]


def test_nothing_is_ever_pushed(server):
    said = nghttp(server, "/page", "-a")
    assert "recv SETTINGS" in said
    assert "PUSH_PROMISE" not in said


def test_h2load_has_all_its_answers(server):
    said = run("h2load", "-n", "300", "-c", "3", "-m", "20", f"https://{server.address}/")
    assert b"300 succeeded, 0 failed, 0 errored" in said


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_chromium_speaks_it_and_its_websockets_are_streams_of_it(server, tmp_path):
    leaf = x509.load_pem_x509_certificate((folder() / "localhost.crt").read_bytes())
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = base64.b64encode(hashlib.sha256(key).digest()).decode()
    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu"]
    words += [f"--user-data-dir={tmp_path}", f"--ignore-certificate-errors-spki-list={trusted}"]
    words += ["--remote-debugging-port=0", f"https://{server.address}/page"]
    with contextlib.ExitStack() as ends:
        browser = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends.callback(browser.wait)
        ends.callback(browser.terminate)
        eventually(lambda: b"GET /report" in b"".join(server.lines(0)), within=60)
    lines = server.lines(0)
    (report,) = [line for line in lines if line.startswith(b"GET /report")]
    assert report == b"GET /report h2.one-more-more.1000 HTTP/2.0 204"
    assert [line for line in lines if b"/socket" in line] == [b"GET /socket - HTTP/2.0 101"]
