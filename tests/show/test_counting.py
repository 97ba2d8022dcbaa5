import numpy as np
import pytest

from normlab import nn
from normlab.show.counting import Counts, backward_counts, count

A = np.ones((4, 5))
ROW = np.ones(5)


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (lambda a, b: a * b, (A, A), Counts(calls=1, operations=20, reads=40, writes=20)),
        (lambda a, b: a + b, (A, ROW), Counts(calls=1, operations=20, reads=25, writes=20)),
        (lambda a: 2 * a, (A,), Counts(calls=1, operations=20, reads=20, writes=20)),
        (lambda a: a.sum(axis=0), (A,), Counts(calls=1, operations=20, reads=20, writes=5)),
        # a product (4, 5) @ (5, 4): 16 results, each of 5 products and 5 sums
        (lambda a, b: a @ b, (A, A.T), Counts(calls=1, operations=160, reads=40, writes=16)),
        # two functions in a row: exp reads and writes 20, the sum reads 20 and writes 4
        (lambda a: np.exp(a).sum(axis=1), (A,), Counts(2, 40, 40, 24)),
        (lambda a: a.reshape(5, 4).T, (A,), Counts()),
    ],
)
def test_counts_by_hand(function, arguments, expected):
    assert count(function, *arguments) == expected


def test_counting_changes_neither_arguments_nor_results():
    x, dout = np.random.default_rng(0).standard_normal((2, 6, 3))
    _, cache = nn.batchnorm_forward(x, np.ones(3), np.zeros(3), {"mode": "train"})
    plain = nn.batchnorm_backward(dout, cache)
    counted = []
    count(lambda *arrays: counted.append(nn.batchnorm_backward(*arrays)), dout, cache)
    for ours, theirs in zip(counted[0], plain, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), theirs)
    assert type(dout) is np.ndarray


def test_arrays_inside_a_named_tuple_are_counted():
    _, cache = nn.relu_forward(A)
    assert count(nn.relu_backward, A, cache).calls > 0


def test_closed_form_does_less_than_node_by_node():
    table = backward_counts(20, 10)
    assert "20 examples with 10 features" in table.caption
    node, closed = table.rows
    assert (node[0], closed[0]) == ("node by node", "closed form")
    assert all(fewer < more for fewer, more in zip(closed[1:], node[1:], strict=True))
