from tests.support.peers import chosen, peer, upstream


def test_weights_5_1_1_give_nginxs_sequence():
    one = upstream("10.0.0.1 weight=5", "10.0.0.2", "10.0.0.3")
    assert "".join(name[-1] for name in chosen(one, 14)) == "11213111121311"


def test_a_peer_that_has_failed_gets_its_weight_back_step_by_step():
    one = upstream("10.0.0.1 weight=100 max_fails=2", "10.0.0.2 weight=100")
    peer(one, "10.0.0.1").fail()
    assert chosen(one, 9).count("10.0.0.1") < 4
    chosen(one, 100)
    assert chosen(one, 100).count("10.0.0.1") == 50
