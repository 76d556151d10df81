"""GET /metrics: the numbers of all workers, in Prometheus' text format."""
