"""Prometheus' text format."""

from forkproxy.master.metrics.exposition import Family, labels_of, page


def test_a_family_is_its_help_its_type_and_its_samples():
    made = Family("requests_total", "counter", "Requests.")
    made.add(3)
    made.add(4, labels_of(zone="a"))
    assert str(made) == (
        "# HELP forkproxy_requests_total Requests.\n"
        "# TYPE forkproxy_requests_total counter\n"
        "forkproxy_requests_total 3\n"
        'forkproxy_requests_total{zone="a"} 4\n'
    )


def test_what_would_end_a_label_is_escaped():
    assert labels_of(zone='a"b\\c\nd', peer="p") == r'zone="a\"b\\c\nd",peer="p"'


def test_a_family_without_samples_is_not_there():
    full = Family("a", "gauge", "A.")
    full.add(1)
    assert page([Family("b", "gauge", "B."), full]) == str(full)


def test_the_buckets_of_a_histogram_add_up():
    made = Family("time_seconds", "histogram", "Time.")
    made.add_histogram(("0.1", "1"), [2, 0, 5], 7.5, 'peer="p"')
    assert str(made).splitlines()[2:] == [
        'forkproxy_time_seconds_bucket{peer="p",le="0.1"} 2',
        'forkproxy_time_seconds_bucket{peer="p",le="1"} 2',
        'forkproxy_time_seconds_bucket{peer="p",le="+Inf"} 7',
        'forkproxy_time_seconds_sum{peer="p"} 7.5',
        'forkproxy_time_seconds_count{peer="p"} 7',
    ]
