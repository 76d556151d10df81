"""Variables of the machine and the moment."""

import os
import socket
import time

from forkproxy import __version__
from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.known cimport know

cdef bytes hostname = socket.gethostname().lower().encode()
cdef tuple MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


cdef bytes _hostname(Exchange exchange):
    return hostname


cdef bytes _pid(Exchange exchange):
    return b"%d" % os.getpid()


cdef bytes _nginx_version(Exchange exchange):
    return __version__.encode()


cdef bytes _msec(Exchange exchange):
    return b"%.3f" % wall()


cdef bytes _time_iso8601(Exchange exchange):
    return _moment(0)


cdef bytes _time_local(Exchange exchange):
    return _moment(1)


cdef bytes _date_local(Exchange exchange):
    return _ssi_date(time.localtime(wall()))


cdef bytes _date_gmt(Exchange exchange):
    return _ssi_date(time.gmtime(wall()))


cdef bytes _ssi_date(moment):
    """SSI's form of a date: "Sunday, 06-Nov-94 08:49:37 GMT" as Apache's modules write it."""
    return time.strftime("%A, %d-%b-%Y %H:%M:%S %Z", moment).encode()


cdef long moment_second = -1
cdef bytes moment_iso = b""
cdef bytes moment_local = b""


cdef bytes _moment(int which):
    """This second in one of the two forms that logs use, made once a second."""
    global moment_second, moment_iso, moment_local
    cdef long second = <long> wall()
    if second != moment_second:
        moment_second = second
        local = time.localtime(second)
        offset = local.tm_gmtoff // 60
        sign = "-" if offset < 0 else "+"
        hours, minutes = divmod(abs(offset), 60)
        clock = f"{local.tm_hour:02}:{local.tm_min:02}:{local.tm_sec:02}"
        moment_iso = (f"{local.tm_year}-{local.tm_mon:02}-{local.tm_mday:02}T{clock}"
                      f"{sign}{hours:02}:{minutes:02}").encode()
        moment_local = (f"{local.tm_mday:02}/{MONTHS[local.tm_mon - 1]}/{local.tm_year}:{clock} "
                        f"{sign}{hours:02}{minutes:02}").encode()
    return moment_iso if which == 0 else moment_local


cdef int _fill() except -1:
    know("hostname", _hostname)
    know("pid", _pid)
    know("nginx_version", _nginx_version)
    know("msec", _msec)
    know("time_iso8601", _time_iso8601)
    know("time_local", _time_local)
    know("date_local", _date_local)
    know("date_gmt", _date_gmt)
    return 0


_fill()
