"""forkproxy: a reverse proxy that reads nginx.conf, forks gevent workers and runs Python."""

__version__ = "0.1.0"
