"""What is asked about caches is the keeper's to answer."""

from forkproxy.master.cache_orders import asking


class Master:
    def __init__(self, keeper=True):
        self.keeper = keeper
        self.asked = []

    def ask_keeper(self, order, words, client):
        self.asked.append((order, words, client))
        return self.keeper


def test_the_keeper_is_asked_and_the_answer_comes_later():
    master = Master()
    assert asking("ls")(master, ["one", "prefix"], 7) is None
    assert master.asked == [("cache", ("ls", "one", "prefix"), 7)]


def test_without_a_keeper_the_client_hears_so():
    assert asking("stat")(Master(keeper=False), ["-"], 7).status == 503
