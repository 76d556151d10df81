"""`forkproxy-nginx`: nginx's own command line, for all that expects to find nginx.

certbot, container entry points, Ansible roles and nginx's own test suite run this
with nginx's options and read nginx's texts and exit statuses.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from forkproxy import __version__
from forkproxy.cli import nginx_options
from forkproxy.cli.complaints import ALOUD, Complaints
from forkproxy.cli.ending import collect_no_more
from forkproxy.cli.nginx_options import Misused, Options, Order, Show
from forkproxy.errors import ConfigError

if TYPE_CHECKING:
    from forkproxy.config.load import Config

LANGUAGE = "1.31.4"  # the nginx whose directives and defaults we read

HELP = f"""\
Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: {nginx_options.PREFIX})
  -e filename   : set error log file, also of what goes wrong at the start
  -c filename   : set configuration file (default: {nginx_options.CONF})
  -g directives : set global directives out of configuration file
"""

SIGNALS = {
    Order.STOP: signal.SIGTERM,
    Order.QUIT: signal.SIGQUIT,
    Order.REOPEN: signal.SIGUSR1,
    Order.RELOAD: signal.SIGHUP,
}


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return 0 or 1."""
    try:
        options = nginx_options.parse(sys.argv[1:] if arguments is None else arguments)
    except Misused as misuse:
        say(str(misuse))
        return 1
    if options.show is not Show.NOTHING:
        show(options.show)
        if not options.test:
            return 0
    options.prefix = str(Path.cwd() / options.prefix)
    options.conf = str(Path(options.prefix) / options.conf)
    complaints = Complaints(_log_file(options))
    if options.test:
        if arguments is None:  # this process is ours
            collect_no_more()
        return test(options, complaints)
    config = read(options, complaints)
    if config is None:
        return 1
    if options.order is not None:
        return tell(config, options.order, complaints)
    return start(options, config, complaints)


def _log_file(options: Options) -> str:
    if options.error_log in ("", ALOUD):
        return options.error_log
    return str(Path(options.prefix) / options.error_log)


def say(text: str) -> None:
    print(f"nginx: {text}", file=sys.stderr)


def show(what: Show) -> None:
    """Print the version, and the help or the modules with it."""
    print(f"nginx version: nginx/{LANGUAGE} (forkproxy {__version__})", file=sys.stderr)
    if what is Show.HELP:
        print(HELP, file=sys.stderr)
    if what is Show.CONFIGURE:
        import ssl

        from forkproxy.cli.nginx_modules import configure_arguments, taken

        print(f"built with Python {platform.python_version()}", file=sys.stderr)
        print(f"built with {ssl.OPENSSL_VERSION}", file=sys.stderr)
        if taken("ssl_certificate"):
            print("TLS SNI support enabled", file=sys.stderr)
        where = [f"--prefix={nginx_options.PREFIX}", f"--conf-path={nginx_options.CONF}"]
        print("configure arguments:", *where, *configure_arguments(), file=sys.stderr)


def read(options: Options, complaints: Complaints) -> Config | None:
    """Read the configuration, saying what is wrong in nginx's words; None if it is unusable."""
    from forkproxy.config.load import load
    from forkproxy.config.problems import ConfigErrors, Severity

    try:
        config = load(options.conf, prefix=options.prefix, directives=options.directives)
    except ConfigErrors as errors:
        for problem in errors.problems:
            if problem.severity is not Severity.NOTICE:
                complaints.add(problem.severity.value, problem.said())
        return None
    for notice in config.notices:
        if notice.severity is Severity.WARN:
            complaints.add(notice.severity.value, notice.said())
    return config


def test(options: Options, complaints: Complaints) -> int:
    """Do -t and -T."""
    config = read(options, complaints)
    if config is None:
        say(f"configuration file {options.conf} test failed")
        return 1
    error = missing(config)
    if not options.quiet and (error is None or not error.line):
        say(f"the configuration file {options.conf} syntax is ok")
    if error is not None:
        complaints.add("emerg", unusable(error))
        say(f"configuration file {options.conf} test failed")
        return 1
    if not options.quiet:
        say(f"configuration file {options.conf} test is successful")
    if options.dump:
        for path in config.files:
            sys.stdout.buffer.write(b"# configuration file %s:\n" % os.fsencode(path))
            sys.stdout.buffer.write(Path(path).read_bytes() + b"\n")
    return 0


def missing(config: Config) -> ConfigError | None:
    """Return what is missing outside of the text: a certificate, a log's folder. As nginx's -t."""
    from forkproxy.build import build

    try:
        build(config).close()
    except ConfigError as error:
        return error
    return None


def tell(config: Config, order: Order, complaints: Complaints) -> int:
    """Send the master the signal of an order; the pid is in the pid file."""
    from forkproxy.config.settings import process_settings

    path = process_settings(config).pid_path
    try:
        word = Path(path).read_text("ascii", "replace").strip()
    except OSError as error:
        reason = f"({error.errno}: {error.strerror})"
        complaints.add("error", f'open() "{path}" failed {reason}')
        return 1
    if not word.isdecimal() or not int(word):
        complaints.add("error", f'invalid PID number "{word}" in "{path}"')
        return 1
    number = SIGNALS[order]
    try:
        os.kill(int(word), number)
    except OSError as error:
        reason = f"({error.errno}: {error.strerror})"
        complaints.add("alert", f"kill({word}, {number.value}) failed {reason}")
        return 1
    return 0


def start(options: Options, config: Config, complaints: Complaints) -> int:
    """Serve: in the background, unless the configuration says `daemon off`."""
    from forkproxy.cli.source import File
    from forkproxy.cli.start import serve
    from forkproxy.config.settings import process_settings

    directives = options.directives
    if options.prefix != str(Path(nginx_options.PREFIX)):
        directives += own_user(options.prefix, config, complaints)
    if options.error_log and not config.main.own("error_log"):
        directives += f' error_log "{options.error_log}";'
    source = File(options.conf, options.prefix, directives)
    try:
        return serve(source, daemon=process_settings(config).daemon, told=True)
    except ConfigError as error:
        complaints.add("emerg", unusable(error))
        return 1


def unusable(error: ConfigError) -> str:
    """Say what is missing outside of the configuration's text, in the shape of nginx's lines."""
    return f"{error.reason}{error.place}"


def own_user(prefix: str, config: Config, complaints: Complaints) -> str:
    """Return the directive for workers that can enter a private prefix, "" where none is needed."""
    from forkproxy.cli.nginx_user import owner_instead

    if os.geteuid() != 0 or config.main.own("user"):
        return ""
    owner = owner_instead(prefix)
    if owner is None:
        return ""
    text = f'"nobody" cannot enter {prefix}: the workers run as its owner, "{owner.user}"'
    complaints.add("warn", text)
    return f" user {owner.user} {owner.group};"


if __name__ == "__main__":
    sys.exit(main())
