from loadtest.self_describing import LEAST, body, is_whole

TARGET = b"/name/300"


def test_an_answer_is_whole_as_it_was_sent_and_in_no_other_way():
    octets = body(TARGET, 300)
    assert len(octets) == 300
    assert is_whole(TARGET, octets)
    assert not is_whole(TARGET, octets[:-1])
    assert not is_whole(TARGET, octets + b"x")
    assert not is_whole(b"/other/300", octets)


def test_two_answers_to_one_target_make_no_whole_of_their_halves():
    one, other = body(TARGET, LEAST), body(TARGET, LEAST)
    assert one != other
    assert not is_whole(TARGET, one[:100] + other[100:])


def test_an_answer_of_a_number_is_the_same_each_time():
    assert body(TARGET, 300, b"7") == body(TARGET, 300, b"7")
    assert body(TARGET, 300, b"7") != body(TARGET, 300, b"8")
    assert is_whole(TARGET, body(TARGET, 300, b"7"))
