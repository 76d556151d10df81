import os

import gevent
import pytest

from forkproxy.core.inquiries import Inquiries


def test_an_answer_comes_to_who_asked():
    inquiries = Inquiries()
    sent = []
    inquiries.connect(lambda number, question: sent.append((number, question)))
    one = gevent.spawn(inquiries.ask, {"path": "/a"})
    other = gevent.spawn(inquiries.ask, {"path": "/b"})
    gevent.sleep(0)
    assert [question["path"] for _, question in sent] == ["/a", "/b"]
    for number, question in reversed(sent):
        inquiries.answered(number, {"body": question["path"]})
    assert one.get(timeout=5) == {"body": "/a"}
    assert other.get(timeout=5) == {"body": "/b"}


def test_an_answer_that_nobody_waits_for_is_dropped():
    Inquiries().answered(7, {})


def test_a_file_of_an_answer_is_the_askers_or_is_closed():
    inquiries = Inquiries()
    numbers = []
    inquiries.connect(lambda number, _question: numbers.append(number))
    asker = gevent.spawn(inquiries.ask, {})
    gevent.sleep(0)
    one, other = os.pipe()
    inquiries.answered(numbers[0], {}, [one])
    assert asker.get(timeout=5) == {"file": one}
    inquiries.answered(numbers[0], {}, [other])
    with pytest.raises(OSError):
        os.fstat(other)
    os.close(one)


def test_without_a_master_there_is_no_answer():
    assert Inquiries().ask({}) is None
