"""CIFAR-10 runs of the assignment, against logs that others published."""

import numpy as np
import pytest

from normlab import data, nn

# The batchnorm training loss of BatchNormalization.ipynb at iterations 1, 21, ..., 101, as in
# published solutions by independent authors, and the accuracies after the first iteration.
LOSSES = [2.340974, 2.039365, 2.041103, 1.753902, 1.246584, 1.320589]
FIRST_ACCURACY = {"train": 0.107, "val": 0.115}


@pytest.fixture(scope="module")
def small_data(cifar10_dir):
    return data.load("cifar10", cifar10_dir).arrays(num_train=1000, dtype=np.float64)


def test_batchnorm_training_log(small_data):
    rng = np.random.RandomState(231)
    options = {"weight_scale": 2e-2, "dtype": np.float64, "rng": rng}
    model = nn.FullyConnectedNet([100] * 5, normalization="batchnorm", **options)
    nn.FullyConnectedNet([100] * 5, **options)  # the plain rival draws from the same stream
    solver = nn.Solver(
        model,
        small_data,
        num_epochs=10,
        batch_size=50,
        update_rule="adam",
        optim_config={"learning_rate": 1e-3},
        verbose=False,
        rng=rng,
    )
    solver.train()
    np.testing.assert_allclose(solver.loss_history[:101:20], LOSSES, rtol=0, atol=2e-6)
    assert solver.train_acc_history[0] == FIRST_ACCURACY["train"]
    assert solver.val_acc_history[0] == FIRST_ACCURACY["val"]
    assert solver.check_accuracy(small_data["X_val"], small_data["y_val"]) == solver.best_val_acc
