from forkproxy.master.reply import Refused, Reply


def test_a_refusal_is_an_answer():
    refused = Refused("upstream not found", "UpstreamNotFound", 404)
    assert refused.reply() == Reply("upstream not found", None, 404, "UpstreamNotFound")
