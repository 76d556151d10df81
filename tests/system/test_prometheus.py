"""What Prometheus makes of /metrics."""

import json
import shutil
import subprocess
from urllib.request import urlopen

import pytest

from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.origin import Origin, answers, response
from tests.support.proxy import Proxy, serving
from tests.support.sockets import free_port

pytestmark = pytest.mark.skipif(
    not shutil.which("promtool") or not shutil.which("prometheus"),
    reason="prometheus is not installed",
)


@pytest.fixture(scope="module")
def proxy():
    conf = serving(
        'status_zone "si\\"te";',
        "location / { proxy_pass http://app; }",
        "location = /metrics { metrics; }",
        http="upstream app { server %ONE%; }",
    )
    with (
        Origin(answers(response(b"ok"), close=False)) as one,
        Proxy(conf, workers=2, ONE=one.address) as proxy,
    ):
        for _ in range(5):
            assert get(proxy.address, b"/").body == b"ok"
        yield proxy


def test_promtool_has_nothing_to_say(proxy):
    page = get(proxy.address, b"/metrics").body
    found = subprocess.run(
        ["promtool", "check", "metrics"], input=page, capture_output=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")


def test_prometheus_scrapes_it_and_counters_outlive_a_reload(proxy, tmp_path):
    where = f"127.0.0.1:{free_port()}"
    conf = tmp_path / "prometheus.yml"
    conf.write_text(
        "scrape_configs: [{job_name: fp, scrape_interval: 1s, "
        f"static_configs: [{{targets: ['{proxy.address}']}}]}}]\n"
    )
    command = [
        "prometheus",
        f"--config.file={conf}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={where}",
    ]

    def value(query):
        with urlopen(f"http://{where}/api/v1/query?query={query}", timeout=5) as answer:
            found = json.load(answer)["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    def reads(query, wanted):
        try:
            return value(query) == wanted
        except OSError:
            return False  # it does not listen yet

    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as prometheus:
        try:
            eventually(lambda: reads("up", 1.0), 30)
            answers = "sum(forkproxy_upstream_peer_responses_total)"
            eventually(lambda: reads(answers, 5.0))
            proxy.reload()
            eventually(lambda: reads("forkproxy_config_generation", 2.0))
            assert value(answers) == 5.0
        finally:
            prometheus.kill()
