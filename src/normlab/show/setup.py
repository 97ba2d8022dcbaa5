"""The set-up of an experiment, as a table from which anyone can repeat it with other tools."""

from math import prod

from normlab import nn
from normlab.nn.layers.normalization.standardize import EPS
from normlab.show.tables import Table
from normlab.show.text import number

_RULES = {
    "sgd": "SGD",
    "sgd_momentum": "SGD with momentum",
    "rmsprop": "RMSprop",
    "adam": "Adam with bias correction",
}
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
        For fields that differ between runs: what is tried, in words; ``length`` for how long runs
        are, and ``beside`` for what is trained beside a net of convolutions.
    """
    how = {field: _shown(value) for field, value in vars(config).items()}
    how |= {"eps": number(config.eps or EPS.default), "beside": ""} | varied
    rows = {
        "Images": _images(config, images),
        "Network": _network(config, images, how),
        "Normalization": _normalization(config, how),
        "Training": _training(config, how),
        "Evaluation": (
            f"in test mode, after the first update and {_times(config.evaluations)}; training "
            "accuracy over all training images of the run. Where one evaluation is reported, it is "
            "the first with the best validation accuracy"
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
        f"{images.title}, {size}: {training}; {held} images. The mean of all training images of "
        "the file, pixel by pixel, is subtracted from each image; pixels go from 0 to 255 and are "
        "not divided"
    )


def _normalization(config, how):
    over = "the minibatch (batch norm) or over the features (layer norm)"
    if config.filters:
        over = (
            "the examples and pixels of a channel (batch norm), over all channels and pixels of an "
            f"example (layer norm) or over those of a group of channels (group norm, "
            f"{how['groups']})"
        )
    return (
        f"in front of each relu, over {over}; ε {how['eps']}, variance without correction, in "
        "running averages too, γ 1 and β 0 at the start, learned like the weights. In test mode "
        "batch norm uses running averages, which begin at 0 and keep "
        f"{_BATCHNORM['momentum'].default} of themselves at each update"
    )


def _network(config, images, how):
    dropout = config.dropout_keep_ratio
    if config.filters:
        layers = (
            f"3 × 3 convolutions of stride 2 with {how['filters']} filters and a border of one "
            "zero, each followed by a relu; then one affine layer to "
            f"{images.num_classes} scores{how['beside']}"
        )
    else:
        layers = (
            f"fully connected, {prod(images.image_shape)} – {how['hidden_dims']} – "
            f"{images.num_classes}, a relu after each hidden layer"
        )
    return (
        f"{layers}. Weights from a normal distribution with standard deviation "
        f"{how['weight_scale']}, biases 0; softmax loss, the mean over the "
        "minibatch; "
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
