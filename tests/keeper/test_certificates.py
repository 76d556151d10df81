"""What the keeper does about certificates; whoever issues is the authority of our own."""

import contextlib

import pytest

from forkproxy import clock
from forkproxy.acme.folder import Folder
from forkproxy.acme.managed import Managed
from forkproxy.config.issuers import Issuer, Wanted
from forkproxy.keeper.certificates import Certificates, prepare
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.liar import Liar
from tests.support.sockets import free_port


class Said:
    """What was told to the master."""

    def __init__(self):
        self.events = []

    def __call__(self, event, **fields):
        self.events.append((event, fields))

    def last(self, event="certificates"):
        found = [fields for name, fields in self.events if name == event]
        return found[-1] if found else None

    @property
    def shown(self):
        """The first certificate, as status shows it."""
        return self.last()["found"][0]


@contextlib.contextmanager
def cared_for(*managed):
    """Look after certificates; yield what is said, and who does."""
    said = Said()
    certificates = Certificates(said, managed)
    in_hub(certificates.begin)
    try:
        yield said, certificates
    finally:
        certificates.end()


def internal(path, *names, **more):
    return Managed(Wanted((Issuer("internal", str(path)),), names, **more))


def away(path, *names):
    uri = f"http://127.0.0.1:{free_port()}/"
    return Managed(Wanted((Issuer("ca", str(path), uri),), names))


def test_what_is_missing_is_obtained_and_told(tmp_path):
    one = internal(tmp_path, "a.internal")
    with cared_for(one) as (said, _):
        eventually(lambda: said.last("issued") is not None)
        eventually(lambda: said.shown["state"] == "issued")
        assert one.refresh()
        assert said.shown["names"] == ["a.internal"]
        assert said.shown["issuer"] == "internal"
        assert said.shown["next_try"] < said.shown["expires"]


def test_what_is_there_is_left_alone(tmp_path):
    with cared_for(internal(tmp_path, "a.internal")) as (said, _):
        eventually(lambda: said.last("issued") is not None)
    before = next(tmp_path.glob("a.internal*.pem")).read_bytes()
    with cared_for(internal(tmp_path, "a.internal")) as (said, _):
        assert said.shown["state"] == "issued"
    assert next(tmp_path.glob("a.internal*.pem")).read_bytes() == before


def test_a_renewal_that_is_asked_for_comes_at_once(tmp_path):
    one = internal(tmp_path, "a.internal")
    with cared_for(one) as (said, certificates):
        eventually(lambda: said.last("issued") is not None and one.refresh())
        first = one.certificate.fingerprint()
        in_hub(certificates.answer, {"words": ["a.internal", "keep"], "client": 7}, [])
        assert said.last("renewed")["data"] == {"renewed": ["a.internal"]}
        eventually(one.refresh)
        assert one.certificate.fingerprint() != first
        in_hub(certificates.answer, {"words": ["b.internal"], "client": 8}, [])
        assert said.last("renewed")["status"] == 404


def test_one_that_fails_is_tried_later_also_by_the_next_keeper(tmp_path):
    with cared_for(away(tmp_path, "a.test")) as (said, _):
        eventually(lambda: said.shown["state"] == "failing")
        assert "ca: cannot reach the issuer" in said.shown["error"]
        next_try = said.shown["next_try"]
        assert next_try > clock.wall()
    with cared_for(away(tmp_path, "a.test")) as (said, _):
        assert said.shown["state"] == "failing"
        assert said.shown["next_try"] == next_try


DIRECTORY = {
    name: f"%BASE%/{name}"
    for name in ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")
}
PROBLEM = {"Content-Type": "application/problem+json"}
ACCOUNT = (201, {"status": "valid"}, {"Location": "%BASE%/account"})


def problem(kind, detail):
    return {"type": f"urn:ietf:params:acme:error:{kind}", "detail": detail}


def begun(**more):
    """Return what an authority answers that is sound up to the account."""
    known = {"/": (200, DIRECTORY, {}), "/newNonce": (200, b"", {}), "/newAccount": ACCOUNT}
    return known | {f"/{name}": answer for name, answer in more.items()}


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"/": None}, "cannot reach the issuer"),
        ({"/": (200, b"<html>Welcome</html>", {"Content-Type": "text/html"})}, "text/html"),
        ({"/": (200, [1, 2], {})}, "answer makes no sense"),
        ({"/": (503, b"busy", {"Content-Type": "text/plain"})}, "answers 503 Service"),
        ({"/": (200, {"newNonce": "%BASE%/newNonce"}, {})}, "newAccount"),
        (begun(newAccount=(403, problem("unauthorized", "go away"), PROBLEM)), "go away"),
        (begun(newAccount=(400, problem("badNonce", "stale"), PROBLEM)), "stale"),
        (begun(newOrder=(429, problem("rateLimited", "too many"), PROBLEM)), "too many"),
        (
            begun(newOrder=(201, {"status": "valid"}, {"Location": "%BASE%/order"})),
            "makes no sense",
        ),
        (begun(newOrder=(201, b"{", {})), "answer is no JSON"),
        (begun(newOrder=(201, {"authorizations": ["nowhere"]}, {})), "makes no sense"),
    ],
)
def test_whatever_an_authority_says_there_is_a_reason_and_another_try(tmp_path, answers, reason):
    with Liar(answers) as liar:
        issuer = Issuer("ca", str(tmp_path), liar.uri)
        with cared_for(Managed(Wanted((issuer,), ("a.test",)))) as (said, _):
            eventually(lambda: said.shown["state"] == "failing", 20)
            error = said.shown["error"]
            assert error.startswith("ca: ")
            assert reason in error
            assert len(error) < 400
            assert error.isprintable()
            assert said.shown["next_try"] > clock.wall()
            assert said.shown["expires"] == 0


def test_who_says_when_to_come_again_is_not_asked_before(tmp_path):
    limited = (429, problem("rateLimited", "too many"), PROBLEM | {"Retry-After": "1000"})
    with Liar(begun(newOrder=limited)) as liar:
        issuer = Issuer("ca", str(tmp_path), liar.uri)
        with cared_for(Managed(Wanted((issuer,), ("a.test",)))) as (said, _):
            eventually(lambda: said.shown["state"] == "failing", 20)
            assert said.shown["next_try"] > clock.wall() + 900


def test_a_stand_in_is_made_while_it_is_needed_only(tmp_path):
    public = away(tmp_path / "ca", "a.test")
    (tmp_path / "ca").mkdir()
    (tmp_path / "own").mkdir()
    own = internal(tmp_path / "own", "a.test", stand_in=True)
    with cared_for(public, own):
        eventually(own.refresh)
    pem = (tmp_path / "own" / f"{own.wanted.name}.pem").read_bytes()
    Folder(str(tmp_path / "ca")).write(f"{public.wanted.name}.pem", pem)
    with cared_for(public, own) as (said, certificates):
        in_hub(certificates.answer, {"words": ["-", "keep"], "client": 1}, [])
        assert said.last("renewed")["data"] == {"renewed": ["a.test"]}


def test_while_another_master_is_at_it_we_wait_and_take_up_its_work(tmp_path):
    one = internal(tmp_path, "a.internal")
    folder = Folder(str(tmp_path))
    with folder.lock() as ours, cared_for(one) as (said, certificates):
        assert ours
        assert in_hub(certificates._turn, certificates._cares) > 0
        assert said.last("issued") is None


def test_kinds_of_failure_are_counted_apart(tmp_path):
    certificates = Certificates(Said(), [away(tmp_path, "a.test")])
    (care,) = certificates._cares
    counted = []
    for reached in (False, False, True, True, False):
        certificates._fail(care, "no", reached=reached, wait=0.0)
        counted.append(care.failures)
    assert counted == [1, 2, 1, 2, 1]


def test_a_folder_that_is_not_there_is_a_reason(tmp_path):
    with cared_for(internal(tmp_path / "none", "a.internal")) as (said, _):
        assert said.shown["state"] == "waiting"
    with cared_for(internal(tmp_path, "b.internal")) as (said, _):
        eventually(lambda: said.shown["state"] == "issued")


@pytest.mark.parametrize("managed", [[], [None]])
def test_what_is_needed_is_imported_before_rights_are_given_up(managed):
    prepare(managed)
