from loadtest.leaks import live, said, summary

REPORT = """\
==1== LEAK SUMMARY:
==1==    definitely lost: 33,000 bytes in 1,000 blocks
==1==    indirectly lost: 0 bytes in 0 blocks
==1==      possibly lost: 64 bytes in 1 blocks
==1==    still reachable: 312,333 bytes in 197 blocks
"""


def test_the_summary_of_valgrind_is_read():
    assert summary(REPORT) == {
        "definitely lost": 33000,
        "indirectly lost": 0,
        "possibly lost": 64,
        "still reachable": 312333,
    }


def test_sessions_of_all_kinds_live_and_end():
    for octets in said():
        live(octets)
