"""The set-up of an experiment, as a table from which anyone can repeat it with other tools."""

from math import prod

from normlab import nn
from normlab.nn.layers.normalization.standardize import EPS
from normlab.show.tables import Table
from normlab.show.text import number

_RULES = {"sgd": "SGD", "sgd_momentum": "SGD with momentum", "rmsprop": "RMSprop", "adam": "Adam"}
_CONSTANTS = {
    "momentum": "momentum",
    "decay_rate": "decay rate",
    "beta1": "β₁",
    "beta2": "β₂",
    "epsilon": "ε",
}
_BATCHNORM = nn.NORMALIZATIONS["batchnorm"].options


def setup_table(config, images, seeds: int, **varied: str) -> Table:
    """A row for each part of an experiment.

    Parameters
    ----------
    config : TrainingConfig
        What its runs share.
    images : Dataset
    seeds : int
        How many runs there are of each network.
    **varied : str
        For fields that differ between runs: what is tried, in words.
    """
    how = {field: _shown(value) for field, value in vars(config).items()}
    how |= {"eps": number(config.eps or EPS.default)} | varied
    rows = {
        "Images": _images(config, images),
        "Network": _network(config, images, how),
        "Normalization": (
            "in front of each relu, over the minibatch (batch norm) or over the features (layer "
            f"norm); ε {how['eps']}, variance without correction, γ 1 and β 0 at the start. In "
            "test mode batch norm uses running averages, which begin at 0 and keep "
            f"{_BATCHNORM['momentum'].default} of themselves at each update"
        ),
        "Training": _training(config, how),
        "Evaluation": (
            f"in test mode, after the first update and {_times(config.evaluations)}. Where one "
            "evaluation is reported, it is that of the best validation accuracy"
        ),
        "Repeated": (
            f"{seeds} times. Networks of one seed share training images, initial weights and "
            "minibatches, so their differences are paired"
        ),
        "Intervals": (
            "95 %, BCa bootstrap over the seeds. They cover the draw of training images, weights "
            "and minibatches, not that of the validation and test images, which all runs share"
        ),
    }
    return Table(
        "Enough to repeat this page with other tools", ("Part", "How"), tuple(rows.items())
    )


def _images(config, images):
    available = f"{len(images.y_train):,} training images"
    training = f"all {available}"
    if config.num_train:
        training = (
            f"{config.num_train:,} of the {available}, drawn anew by each seed, with each class in "
            "proportion"
        )
    held = f"{len(images.y_val):,} validation"
    if images.y_test is not None:
        held += f" and {len(images.y_test):,} test"
    size = " × ".join(map(str, images.image_shape))
    return (
        f"{images.title}, {size}: {training}; {held} images. The mean of all training images is "
        "subtracted from each image; pixels go from 0 to 255 and are not divided"
    )


def _network(config, images, how):
    hidden = how["hidden_dims"]
    dropout = config.dropout_keep_ratio
    return (
        f"fully connected, {prod(images.image_shape)} – {hidden} – {images.num_classes}, a relu "
        "after each hidden layer. Weights from a normal distribution with standard deviation "
        f"{how['weight_scale']}, biases 0; softmax loss; "
        f"{'' if dropout == 1 else f'dropout that keeps {dropout}; '}{config.dtype}"
    )


def _training(config, how):
    options = nn.UPDATE_RULES[config.update_rule].options
    constants = ", ".join(
        f"{_CONSTANTS[name]} {number(option.default)}"
        for name, option in options.items()
        if name in _CONSTANTS
    )
    length = how.get("length") or (
        f"{config.epochs} epochs" if config.updates is None else f"{config.updates:,} updates"
    )
    return (
        f"{_RULES[config.update_rule]}{f' ({constants})' if constants else ''}, "
        f"learning rate {how['learning_rate']}; "
        f"minibatches of {how['batch_size']}, drawn with replacement; {length}; "
        f"{f'weight decay {config.reg:g}' if config.reg else 'no weight decay'}"
    )


def _times(evaluations):
    return "at the end" if evaluations == 1 else f"{evaluations} times more, evenly spaced"


def _shown(value):
    if isinstance(value, tuple):
        return " – ".join(map(str, value))
    return number(value) if isinstance(value, float) else str(value)
