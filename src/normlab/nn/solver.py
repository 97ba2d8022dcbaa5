"""The training loop."""

import copy
import math
import os

import numpy as np

from normlab.nn import checks, door
from normlab.nn.checks import NonFiniteError
from normlab.nn.optimizers import UPDATE_RULES
from normlab.nn.snapshots import restore_snapshot, save_snapshot, take_snapshot

SPLITS = (("X_train", "y_train"), ("X_val", "y_val"))


class Solver:
    """Train a classifier on minibatches, and keep the model that does best on validation.

    Parameters
    ----------
    model : FullyConnectedNet, or what has its params and loss
        Changed in place by training.
    data : dict
        "X_train" (N, ...), "y_train" (N,), "X_val", "y_val"; other keys are ignored.
    update_rule : "sgd" | "sgd_momentum" | "rmsprop" | "adam"
    optim_config : dict, optional
        The config of the update rule, as "learning_rate"; every parameter gets its own copy.
    own_configs : dict, optional
        Name of a parameter -> what is different in its config.
    lr_decay : float
        The learning rates are multiplied by it after each epoch.
    batch_size : int
    num_epochs : int
        An epoch is ``max(N // batch_size, 1)`` iterations.
    num_train_samples, num_val_samples : int | None
        How many examples the accuracies are taken over, drawn at random; None takes all.
    print_every : int
        Iterations between two lines with the loss.
    verbose : bool
        Whether anything is printed.
    checkpoint_name : str | Path, optional
        After each accuracy ``<checkpoint_name>_epoch_<n>.npz`` is written: parameters, running
        statistics and histories, by name.
    rng : Generator | RandomState | int, optional
        Draws minibatches and the examples for accuracies; a fresh Generator if None.

    Attributes
    ----------
    loss_history : list of float
        Per iteration, in nats.
    train_acc_history, val_acc_history : list of float
        After the first iteration, each epoch and the last iteration; 0 to 1.
    best_val_acc, best_params, best_snapshot
        Of the highest validation accuracy; best_snapshot includes the running statistics.
    epoch : int, epochs completed
    """

    def __init__(
        self,
        model,
        data,
        update_rule="sgd",
        optim_config=None,
        own_configs=None,
        lr_decay=1.0,
        batch_size=100,
        num_epochs=10,
        num_train_samples=1000,
        num_val_samples=None,
        print_every=10,
        verbose=True,
        checkpoint_name=None,
        rng=None,
    ):
        where = "Solver"
        for name in ("params", "loss"):
            if not hasattr(model, name):
                raise TypeError(
                    f"{where}: model of type {type(model).__name__} has no {name}; "
                    "pass a model such as FullyConnectedNet"
                )
        _check_data(where, data)
        door.choice(where, "update_rule", update_rule, UPDATE_RULES)
        self.model = model
        self.X_train, self.y_train = data["X_train"], data["y_train"]
        self.X_val, self.y_val = data["X_val"], data["y_val"]
        self.update_rule = UPDATE_RULES[update_rule]
        # One step on a stand-in refuses a bad config now, and fills in the learning rate.
        _, config = self.update_rule(np.ones(1), np.ones(1), copy.copy(optim_config))
        optim_config = {**(optim_config or {}), "learning_rate": config["learning_rate"]}
        self.lr_decay = checks.number(where, "lr_decay", lr_decay, above=0)
        self.batch_size = checks.count(where, "batch_size", batch_size)
        self.num_epochs = checks.count(where, "num_epochs", num_epochs)
        self.num_train_samples = _optional_count(where, "num_train_samples", num_train_samples)
        self.num_val_samples = _optional_count(where, "num_val_samples", num_val_samples)
        self.print_every = checks.count(where, "print_every", print_every)
        self.verbose, self.checkpoint_name = verbose, checkpoint_name
        if checkpoint_name is not None:
            _check_folder(where, checkpoint_name)
        self.rng = checks.generator(where, rng)

        self.optim_configs = {name: dict(optim_config) for name in model.params}
        for name, own in (own_configs or {}).items():
            door.choice(where, "parameter in own_configs", name, model.params)
            self.update_rule(np.ones(1), np.ones(1), {**optim_config, **own})
            self.optim_configs[name] |= own
        self.epoch = 0
        self.best_val_acc, self.best_params, self.best_snapshot = 0.0, {}, None
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []

    @property
    def iterations_per_epoch(self):
        """Minibatches in an epoch."""
        return max(len(self.X_train) // self.batch_size, 1)

    def train(self):
        """Train for num_epochs epochs; then the model is the one of best_val_acc.

        The best snapshot, running statistics included, is restored however training ends: also
        when it diverges, and when it is interrupted. A loss that turns NaN or infinite before
        the first accuracy leaves the model as it is.

        Raises
        ------
        NonFiniteError
            The loss or a score became NaN or infinite. The histories are kept.
        """
        num_iterations = self.num_epochs * self.iterations_per_epoch

        def report(t):
            if (t - 1) % self.print_every == 0:
                self._print(f"(Iteration {t} / {num_iterations}) loss: {self.loss_history[-1]:f}")
            epoch_ends = t % self.iterations_per_epoch == 0
            if epoch_ends:
                self.epoch += 1
                for config in self.optim_configs.values():
                    config["learning_rate"] *= self.lr_decay
            if t == 1 or epoch_ends:
                self._evaluate()

        try:
            self.run(num_iterations, report)
        finally:
            if self.best_snapshot is not None:
                restore_snapshot(self.model, self.best_snapshot)

    def run(self, num_iterations, callback=None):
        """Make so many steps; ``callback(t)`` is called after each, t from 1 on.

        What the callback raises ends the run, as does a NonFiniteError of `step`.
        """
        for t in range(1, num_iterations + 1):
            self.step()
            if callback:
                callback(t)

    def step(self):
        """Draw one minibatch, update every parameter, append to loss_history.

        Raises
        ------
        NonFiniteError
            The loss became NaN or infinite; names the iteration and the learning rate.
        """
        draw = getattr(self.rng, "integers", None) or self.rng.randint  # as choice does, at once
        batch = draw(0, len(self.X_train), self.batch_size)
        with np.errstate(over="ignore", invalid="ignore"):  # the loss tells
            try:
                self._update(batch)
            except NonFiniteError as error:
                raise self._diverged(error) from error

    def _update(self, batch):
        """Make the step on a minibatch, given by the numbers of its examples."""
        loss, grads = self.model.loss(self.X_train[batch], self.y_train[batch])
        self._record(loss)
        for name, w in self.model.params.items():
            self.model.params[name], self.optim_configs[name] = self.update_rule(
                w, grads[name], self.optim_configs[name]
            )

    def _record(self, loss):
        if not math.isfinite(loss):
            raise NonFiniteError(f"loss is {loss}; lower the learning rate")
        self.loss_history.append(float(loss))

    def _scores(self, X):
        """Return the scores in test mode."""
        return self.model.loss(X)

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Compute the share of examples whose highest score is that of their label.

        Parameters
        ----------
        X : array, (N, d_1, ..., d_k)
        y : integer array, (N,)
        num_samples : int, optional
            If it is below N, so many examples are drawn with replacement.
        batch_size : int
            Examples per forward pass; bounds the memory and has no other effect.

        Returns
        -------
        accuracy : float, 0 to 1

        Raises
        ------
        NonFiniteError
            A score is NaN or infinite, so that no class is the highest.
        """
        where = "Solver.check_accuracy"
        _check_examples(where, "X", X, "y", y)
        num_samples = _optional_count(where, "num_samples", num_samples)
        batch_size = checks.count(where, "batch_size", batch_size)
        if num_samples is not None and num_samples < len(X):
            sample = self.rng.choice(len(X), num_samples)
            X, y = X[sample], y[sample]
        num_right = 0
        for start in range(0, len(X), batch_size):
            batch = slice(start, start + batch_size)
            with np.errstate(over="ignore", invalid="ignore"):
                scores = self._scores(X[batch])
            checks.finite(where, "scores", scores, "lower the learning rate")
            num_right += int(np.sum(scores.argmax(axis=1) == y[batch]))
        return num_right / len(X)

    def _evaluate(self):
        """Append both accuracies, keep the model if it is the best so far, write a checkpoint."""
        try:
            train_acc = self.check_accuracy(self.X_train, self.y_train, self.num_train_samples)
            val_acc = self.check_accuracy(self.X_val, self.y_val, self.num_val_samples)
        except NonFiniteError as error:
            raise self._diverged(error) from error
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        self._print(
            f"(Epoch {self.epoch} / {self.num_epochs}) "
            f"train acc: {train_acc:f}; val_acc: {val_acc:f}"
        )
        if self.best_snapshot is None or val_acc > self.best_val_acc:
            self.best_val_acc = val_acc
            self.best_snapshot = take_snapshot(self.model)
            self.best_params = self.best_snapshot.params
        if self.checkpoint_name is not None:
            save_snapshot(
                f"{self.checkpoint_name}_epoch_{self.epoch}.npz",
                take_snapshot(self.model),
                loss_history=self.loss_history,
                train_acc_history=self.train_acc_history,
                val_acc_history=self.val_acc_history,
            )

    def _diverged(self, error):
        """Return the error that says where training went wrong."""
        rate = next(iter(self.optim_configs.values()))["learning_rate"]
        return NonFiniteError(
            f"Solver: training diverged at iteration {len(self.loss_history) + 1} "
            f"with learning rate {rate}; lower it ({error})"
        )

    def _print(self, line):
        if self.verbose:
            print(line)


def _check_data(where, data):
    """Refuse data that lack a key, are empty, or have other numbers of examples and labels."""
    if not isinstance(data, dict):
        raise TypeError(f"{where}: data is of type {type(data).__name__}; expected a dict")
    for X_name, y_name in SPLITS:
        for name in (X_name, y_name):
            if name not in data:
                raise ValueError(
                    f"{where}: data has no {name!r}; expected X_train, y_train, X_val, y_val"
                )
        _check_examples(where, X_name, data[X_name], y_name, data[y_name])


def _check_examples(where, X_name, X, y_name, y):
    """Refuse examples or labels of a wrong type or shape."""
    door.float_arrays(where, **{X_name: X})
    if X.ndim < 2:
        raise ValueError(f"{where}: {X_name} has shape {X.shape}; expected (N, d_1, ...)")
    door.labels(where, y, len(X), name=y_name, of=X_name)


def _check_folder(where, checkpoint_name):
    """Refuse checkpoints in a folder that is not there, before the training and not after it."""
    folder = os.path.dirname(os.fspath(checkpoint_name)) or "."
    if not os.path.isdir(folder):
        raise ValueError(
            f"{where}: checkpoint_name is {str(checkpoint_name)!r} but there is no folder "
            f"{folder!r}; make it first"
        )


def _optional_count(where, name, value):
    return None if value is None else checks.count(where, name, value)
