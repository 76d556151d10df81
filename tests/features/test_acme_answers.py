from forkproxy.acme.folder import Folder
from tests.support.client import ask, request
from tests.support.inside import Inside

TOKEN = "t" * 43
PLACE = b"/.well-known/acme-challenge/"
PATH = PLACE + TOKEN.encode()
HTTP = "acme_issuer ca {{ uri https://ca.test/; state_path {}; challenge {}; }}"
SERVERS = """
    server { listen %PORT%; location / { deny all; } error_page 403 =200 /x; }
    server { listen %PORT2%; server_name a.test; acme_certificate ca; return 204; }
"""


def site(path, kind="http-01"):
    Folder(str(path)).write(f"http-01/{TOKEN}", b"the answer")
    return Inside(SERVERS, http=HTTP.format(path, kind))


def get(address, path, method=b"GET"):
    return ask(address, request(method, path, host=b"a.test"))


def test_every_server_answers_before_anything_else(tmp_path):
    with site(tmp_path) as server:
        for address in (server.word("PORT"), server.word("PORT2")):
            answer = get(address, PATH)
            assert answer.status == 200
            assert answer.body == b"the answer"
            assert answer.get(b"Content-Type") == b"application/octet-stream"


def test_what_is_no_token_of_ours_goes_its_usual_way(tmp_path):
    with site(tmp_path) as server:
        for path in (PLACE + b"u" * 43, PATH + b"/x", b"/"):
            assert get(server.word("PORT2"), path).status == 204
        assert get(server.word("PORT2"), PATH, b"POST").status == 204


def test_with_another_challenge_nothing_is_answered(tmp_path):
    with site(tmp_path, "tls-alpn-01") as server:
        assert get(server.word("PORT2"), PATH).status == 204
