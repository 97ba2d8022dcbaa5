import numpy as np
import pytest

from normlab.nn import UPDATE_RULES, adam, rmsprop, sgd, sgd_momentum


def line(start, stop):
    return np.linspace(start, stop, num=20).reshape(4, 5)


W, DW = line(-0.4, 0.6), line(-0.6, 0.4)


def assert_published(array, published):
    np.testing.assert_allclose(array.reshape(-1), np.array(published.split(), float), atol=6e-9)


def test_sgd():
    next_w, config = sgd(W, DW)
    np.testing.assert_array_equal(next_w, W - 1e-2 * DW)
    assert config == {"learning_rate": 1e-2}


def test_sgd_momentum_as_published():
    # CS231n assignment 2, FullyConnectedNets.ipynb, "SGD+Momentum"
    config = {"learning_rate": 1e-3, "velocity": line(0.6, 0.9)}
    next_w, _ = sgd_momentum(W, DW, config=config)
    assert_published(
        next_w,
        """0.1406     0.20738947 0.27417895 0.34096842 0.40775789
        0.47454737 0.54133684 0.60812632 0.67491579 0.74170526
        0.80849474 0.87528421 0.94207368 1.00886316 1.07565263
        1.14244211 1.20923158 1.27602105 1.34281053 1.4096""",
    )
    assert_published(
        config["velocity"],
        """0.5406     0.55475789 0.56891579 0.58307368 0.59723158
        0.61138947 0.62554737 0.63970526 0.65386316 0.66802105
        0.68217895 0.69633684 0.71049474 0.72465263 0.73881053
        0.75296842 0.76712632 0.78128421 0.79544211 0.8096""",
    )


def test_rmsprop_as_published():
    # CS231n assignment 2, FullyConnectedNets.ipynb, "RMSProp and Adam"
    config = {"learning_rate": 1e-2, "cache": line(0.6, 0.9)}
    next_w, _ = rmsprop(W, DW, config=config)
    assert_published(
        next_w,
        """-0.39223849 -0.34037513 -0.28849239 -0.23659121 -0.18467247
        -0.132737   -0.08078555 -0.02881884  0.02316247  0.07515774
         0.12716641  0.17918792  0.23122175  0.28326742  0.33532447
         0.38739248  0.43947102  0.49155973  0.54365823  0.59576619""",
    )
    assert_published(
        config["cache"],
        """0.5976     0.6126277  0.6277108  0.64284931 0.65804321
        0.67329252 0.68859723 0.70395734 0.71937285 0.73484377
        0.75037008 0.7659518  0.78158892 0.79728144 0.81302936
        0.82883269 0.84469141 0.86060554 0.87657507 0.8926""",
    )


def test_adam_as_published():
    # CS231n assignment 2, FullyConnectedNets.ipynb, "RMSProp and Adam"
    config = {"learning_rate": 1e-2, "m": line(0.6, 0.9), "v": line(0.7, 0.5), "t": 5}
    next_w, _ = adam(W, DW, config=config)
    assert_published(
        next_w,
        """-0.40094747 -0.34836187 -0.29577703 -0.24319299 -0.19060977
        -0.1380274  -0.08544591 -0.03286534  0.01971428  0.0722929
         0.1248705   0.17744702  0.23002243  0.28259667  0.33516969
         0.38774145  0.44031188  0.49288093  0.54544852  0.59801459""",
    )
    assert_published(
        config["v"],
        """0.69966    0.68908382 0.67851319 0.66794809 0.65738853
        0.64683452 0.63628604 0.6257431  0.61520571 0.60467385
        0.59414753 0.58362676 0.57311152 0.56260183 0.55209767
        0.54159906 0.53110598 0.52061845 0.51013645 0.49966""",
    )
    assert_published(
        config["m"],
        """0.48       0.49947368 0.51894737 0.53842105 0.55789474
        0.57736842 0.59684211 0.61631579 0.63578947 0.65526316
        0.67473684 0.69421053 0.71368421 0.73315789 0.75263158
        0.77210526 0.79157895 0.81105263 0.83052632 0.85""",
    )
    assert config["t"] == 6


def test_adams_first_step_is_the_learning_rate():
    next_w, _ = adam(W, DW)
    np.testing.assert_allclose(next_w, W - 1e-3 * np.sign(DW), rtol=1e-5)


@pytest.mark.parametrize("rule", UPDATE_RULES.values())
def test_the_passed_config_is_updated_and_the_arrays_stay(rule):
    w, dw, config = W.copy(), DW.copy(), {"learning_rate": 0.1}
    for _ in range(2):
        memory = {k: (v, v.copy()) for k, v in config.items() if isinstance(v, np.ndarray)}
        next_w, returned = rule(w, dw, config)
        assert returned is config
        assert next_w is not w
        for array, copy in memory.values():
            np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(w, W)
    np.testing.assert_array_equal(dw, DW)


@pytest.mark.parametrize("rule", UPDATE_RULES.values())
def test_float32_stays_with_a_float64_learning_rate(rule):
    config = {"learning_rate": np.float64(1e-3)}
    w = W.astype(np.float32)
    for _ in range(2):
        w, config = rule(w, DW.astype(np.float32), config)
    assert w.dtype == np.float32
    assert all(v.dtype == np.float32 for v in config.values() if isinstance(v, np.ndarray))


@pytest.mark.parametrize("rule", UPDATE_RULES.values())
def test_every_rule_finds_the_bottom_of_a_bowl(rule):
    w, config = np.array([3.0, -2.0]), {"learning_rate": 0.01}
    for _ in range(3000):
        w, config = rule(w, w, config)
    np.testing.assert_allclose(w, 0, atol=0.02)


def test_rules_by_name():
    assert list(UPDATE_RULES) == ["sgd", "sgd_momentum", "rmsprop", "adam"]
    assert list(UPDATE_RULES.values()) == [sgd, sgd_momentum, rmsprop, adam]
