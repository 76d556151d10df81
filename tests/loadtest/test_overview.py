from loadtest import scenarios
from loadtest.overview import LINES, heading, row
from loadtest.result import Result
from loadtest.scenario import Sample


def line(name):
    return next(line for line in LINES if line.scenario == name)


def result(**samples):
    made = Result("test", 1.0, 1, False, {})
    for name, (values, failures) in samples.items():
        made.add(name, Sample(values, failures))
    return made


def test_every_line_is_a_scenario():
    assert {line.scenario for line in LINES} <= set(scenarios.names())


def test_a_cost_is_in_microseconds_and_who_was_not_measured_has_a_dash():
    taken = result(forkproxy=({"cpu_us": 28.6}, {}), nginx=({"cpu_us": 1024.2}, {}))
    names = ["forkproxy", "nginx", "haproxy"]
    assert heading(names) == "| | forkproxy | nginx | HAProxy |\n|---|---|---|---|"
    assert row(line("small"), taken, names) == (
        "| GET of 1 KiB, keep-alive | 29 µs | 1,024 µs | - |"
    )


def test_what_is_compressed_has_its_ratio():
    taken = result(forkproxy=({"cpu_us": 400.0, "ratio": 3.81}, {}))
    assert row(line("gzip"), taken, ["forkproxy"]).endswith("| 400 µs, ÷3.8 |")


def test_failures_are_counted():
    taken = result(forkproxy=({}, {}), nginx=({}, {"read": 1500, "write": 41}))
    assert row(line("reload_under_load"), taken, ["forkproxy", "nginx"]).endswith("| 0 | 1,541 |")


def test_memory_is_in_kib():
    taken = result(forkproxy=({"each": 700.0}, {}))
    assert row(line("idle_connections"), taken, ["forkproxy"]).endswith("| 0.7 KiB |")
