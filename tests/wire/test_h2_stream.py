"""What has come of a stream and waits to be taken."""

from tests.support.h2_pair import HEAD, Pair


def test_content_is_taken_in_the_order_it_came_whatever_comes_between():
    pair = Pair()
    made = pair.ask(end=False)
    taken = b""
    for number in range(50):
        pair.client.send_data(1, bytes([number]) * 999)
        pair.exchange()
        if number % 7 == 6:
            taken += pair.session.read(made)
    pair.client.end_stream(1)
    pair.exchange()
    taken += pair.session.read(made)
    assert taken == b"".join(bytes([number]) * 999 for number in range(50))
    assert made.received == 50 * 999
    assert made.ended


def test_its_urgency_is_that_of_its_priority_field():
    pair = Pair()
    assert pair.ask().urgency == 3
    assert pair.ask(stream=3, head=[*HEAD, ("priority", "u=1, i")]).urgency == 1
