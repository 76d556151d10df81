"""What each feature costs a request: `python -m loadtest.budget [--proxy nginx]`.

The same proxy runs once a feature, with that one added to a location that forwards; the runs are
interleaved, and the table shows CPU microseconds a request over forwarding alone. Since nginx reads
the same configurations, it can be measured in the same way.
"""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from loadtest import drive, table
from loadtest.drive import Load
from loadtest.options import positive
from loadtest.proxies import KINDS, Kind, Running, StartError
from loadtest.result import Result
from loadtest.scenario import Sample, Terms, one_decimal
from loadtest.site import FORWARD
from loadtest.stage import Stage, stage
from loadtest.throughput import COST, wrk_sample

_FORWARD = "forward"  # the feature that the others are added to
_FIELDS = ("Accept-Encoding: gzip",)  # so that there is something to compress for
_READERS = ("forkproxy", "nginx")  # those that read nginx.conf


@dataclass(frozen=True, slots=True)
class Feature:
    """One line of the budget: directives for http {} and for the location."""

    name: str
    location: str
    http: str = ""


def _added(name: str, directives: str, http: str = "") -> Feature:
    return Feature(name, f"{directives} {FORWARD}", http)


FEATURES = (
    Feature("return", "return 200 ok;"),
    Feature(_FORWARD, FORWARD),
    _added("access_log", "access_log budget.log;"),
    _added("add_header", "add_header X-Served-By proxy always;"),
    _added("proxy_hide_header", "proxy_hide_header ETag;"),
    _added(
        "map",
        "proxy_set_header X-Class $class;",
        "map $uri $class { default other; /1024 small; ~^/long long; }",
    ),
    _added("rewrite", "rewrite ^/(.*)$ /$1 break;"),
    _added("allow", "allow 127.0.0.0/8; deny all;"),
    _added("realip", "set_real_ip_from 10.0.0.0/8; real_ip_header X-Real-IP;"),
    _added(
        "limit_req",
        "limit_req zone=requests burst=1000000 nodelay;",
        "limit_req_zone $binary_remote_addr zone=requests:1m rate=1000000r/s;",
    ),
    _added(
        "limit_conn",
        "limit_conn connections 65535;",
        "limit_conn_zone $binary_remote_addr zone=connections:1m;",
    ),
    _added("sub_filter", "sub_filter needle thread; sub_filter_types *;"),
    _added("gzip", "gzip on; gzip_proxied any; gzip_min_length 0; gzip_types text/plain;"),
    _added("proxy_buffering off", "proxy_buffering off;"),
)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit status."""
    options = _parser().parse_args(words)
    if not drive.installed():
        print("wrk is not installed (Debian: apt-get install wrk)", file=sys.stderr)
        return 2
    try:
        result, refused = _run(options)
    except (StartError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    print(budget(result, refused))
    failed = table.failed(result)
    if failed:
        print(failed)
    if options.json:
        Path(options.json).write_text(result.text())
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.budget", description="What each feature costs a request."
    )
    add = parser.add_argument
    add("--proxy", choices=_READERS, default="forkproxy")
    add("--rounds", type=positive, default=5)
    add("--seconds", type=positive, default=3)
    add("--connections", type=positive, default=64)
    add("--only", metavar="NAMES", help="some of: " + ", ".join(one.name for one in FEATURES))
    add("--json", metavar="FILE", help="write every sample there")
    return parser


def _chosen(names: str | None) -> list[Feature]:
    """Return the features named, and forwarding in any case, which they are compared with."""
    if names is None:
        return list(FEATURES)
    wanted = {_FORWARD, *names.split(",")}
    unknown = wanted - {feature.name for feature in FEATURES}
    if unknown:
        raise ValueError(f"no feature is called {', '.join(sorted(unknown))}")
    return [feature for feature in FEATURES if feature.name in wanted]


def _run(options: argparse.Namespace) -> tuple[Result, dict[str, str]]:
    """Return the samples, by feature, and why some features could not be measured."""
    kind = KINDS[options.proxy]
    features = _chosen(options.only)
    with stage(log=False, keep=False) as place, contextlib.ExitStack() as running:
        terms = Terms(options.seconds, options.connections, place.cores, place.folder)
        result = Result(
            "budget", terms.seconds, terms.connections, False, {kind.name: kind.described()}
        )
        proxies, refused = _start(place, kind, features, running)
        for name, proxy in proxies.items():
            _measure(proxy, replace(terms, seconds=1))
            print(f"warm: {name}", file=sys.stderr)
        for number in range(options.rounds):
            print(f"round {number + 1}", file=sys.stderr)
            for name, proxy in proxies.items():
                result.add(name, _measure(proxy, terms))
    return result, refused


def _start(
    place: Stage, kind: Kind, features: Sequence[Feature], running: contextlib.ExitStack
) -> tuple[dict[str, Running], dict[str, str]]:
    proxies, refused = {}, {}
    for feature in features:
        try:
            proxies[feature.name] = running.enter_context(
                place.running(kind, http=feature.http, location=feature.location)
            )
        except StartError as error:
            refused[feature.name] = str(error)
    if _FORWARD not in proxies:
        raise StartError(refused[_FORWARD])
    return proxies, refused


def _measure(proxy: Running, terms: Terms) -> Sample:
    return wrk_sample(proxy, terms, Load(proxy.url("/1024"), terms.connections, _FIELDS))


def budget(result: Result, refused: dict[str, str]) -> str:
    """Return the table: the cost of each feature, and what that is over forwarding alone.

    The latter is the median of the differences within each round, and half their range.
    """
    rows = [["", "CPU µs/req", "over forward", "± µs"]]
    for name in result.samples:
        cost, over = result.middle(name, COST), differences(result, name)
        if cost is None or not over:
            rows.append([name, *[table.NOTHING] * 3])
        else:
            noise = (max(over) - min(over)) / 2
            rows.append([name, one_decimal(cost), f"{median(over):+.1f}", one_decimal(noise)])
    rows += [[name, "refused", "", ""] for name in refused]
    reasons = [f"{name}: {reason}" for name, reason in refused.items()]
    return "\n".join([table.aligned(rows), *reasons])


def differences(result: Result, name: str) -> list[float]:
    """Return the cost over that of forwarding, round by round."""
    found = []
    for sample, other in zip(result.samples[name], result.samples[_FORWARD], strict=True):
        cost, base = sample.values[COST], other.values[COST]
        if cost is not None and base is not None:
            found.append(cost - base)
    return found


if __name__ == "__main__":
    sys.exit(main())
