"""The adapter in the place of a student's package: the numbers that independent solutions print."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

from normlab import data
from normlab.cs231n import SITE, YEAR, YEARS
from normlab.cs231n.run import run_notebook, table


@pytest.fixture
def cs231n(monkeypatch):
    """``cs231n(name)``: a module of the adapter, imported anew."""
    monkeypatch.syspath_prepend(str(SITE))
    monkeypatch.delenv(YEAR, raising=False)

    def drop():
        for name in [name for name in sys.modules if name.partition(".")[0] == "cs231n"]:
            del sys.modules[name]

    drop()
    state = np.random.get_state()
    yield lambda name: importlib.import_module(f"cs231n.{name}")
    np.random.set_state(state)
    drop()


def test_the_loss_of_the_batch_norm_check(cs231n):
    net = cs231n("classifiers.fc_net").FullyConnectedNet
    np.random.seed(231)
    X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
    options = {"input_dim": 15, "num_classes": 10, "weight_scale": 5e-2, "dtype": np.float64}
    losses = [
        net([20, 30], reg=reg, normalization="batchnorm", **options).loss(X, y)[0]
        for reg in (0, 3.14)
    ]
    np.testing.assert_allclose(losses, [2.2611955101340957, 6.996533220108303], rtol=1e-12)


@pytest.mark.parametrize("keyword", ["dropout", "dropout_keep_ratio"])
def test_the_losses_of_the_dropout_check_hang_on_the_global_generator(keyword, cs231n):
    net = cs231n("classifiers.fc_net").FullyConnectedNet
    gradient = cs231n("gradient_check").eval_numerical_gradient
    np.random.seed(231)
    X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
    losses = []
    for p in (1, 0.75, 0.5):
        options = {"weight_scale": 5e-2, "dtype": np.float64, "seed": 123, keyword: p}
        model = net([20, 30], input_dim=15, num_classes=10, **options)
        loss, grads = model.loss(X, y)
        losses.append(loss)
        for name in sorted(grads):
            measured = gradient(
                lambda _, m=model: m.loss(X, y)[0], model.params[name], verbose=False, h=1e-5
            )
            assert np.abs(measured - grads[name]).max() < 1e-6
    expected = [2.3004790897684924, 2.302371489704412, 2.3042759220785896]
    np.testing.assert_allclose(losses, expected, rtol=1e-12)


def test_the_losses_of_the_two_layer_net(cs231n):
    model = cs231n("classifiers.fc_net").TwoLayerNet(5, 50, 7, weight_scale=1e-3)
    model.params["W1"] = np.linspace(-0.7, 0.3, num=250).reshape(5, 50)
    model.params["b1"] = np.linspace(-0.1, 0.9, num=50)
    model.params["W2"] = np.linspace(-0.3, 0.4, num=350).reshape(50, 7)
    model.params["b2"] = np.linspace(-0.9, 0.1, num=7)
    X, y = np.linspace(-5.5, 4.5, num=15).reshape(5, 3).T, np.asarray([0, 5, 1])
    assert model.loss(X, y)[0] == pytest.approx(3.4702243556, abs=1e-10)
    model.reg = 1.0
    assert model.loss(X, y)[0] == pytest.approx(26.5948426952, abs=1e-10)


def test_the_convolution_of_the_assignment(cs231n):
    x = np.linspace(-0.1, 0.5, num=2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
    w = np.linspace(-0.2, 0.3, num=3 * 3 * 4 * 4).reshape(3, 3, 4, 4)
    layers = cs231n("layers")
    out, _ = layers.conv_forward_naive(x, w, np.linspace(-0.1, 0.2, 3), {"stride": 2, "pad": 1})
    assert out[0, 0, 0, 0] == pytest.approx(-0.08759809, abs=1e-8)
    assert out[1, 2, 1, 1] == pytest.approx(2.38247847, abs=1e-8)
    pooled, _ = layers.max_pool_forward_naive(
        np.linspace(-0.3, 0.4, num=96).reshape(2, 3, 4, 4),
        {"pool_width": 2, "pool_height": 2, "stride": 2},
    )
    assert pooled[0, 0, 0, 0] == pytest.approx(-0.26315789, abs=1e-8)


def test_whole_numbers_are_taken_where_notebooks_pass_them(cs231n):
    layers = cs231n("layers")
    x, three = np.random.randn(2, 3, 4, 5), np.asarray([3, 4, 5])
    out, _ = layers.spatial_batchnorm_forward(x, three, np.asarray([6, 7, 8]), {"mode": "train"})
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), [6, 7, 8])
    layers.batchnorm_forward(x[:, :, 0, 0], three, three, {"mode": "train"})
    kernel = np.zeros((2, 3, 3, 3))
    kernel[0, :, 1, 1] = 1
    out, _ = layers.conv_forward_naive(x, kernel, np.array([0, 128]), {"stride": 1, "pad": 1})
    assert (out[:, 1] == 128).all()


def test_dropout_draws_from_the_global_generator(cs231n, monkeypatch):
    forward, x = cs231n("layers").dropout_forward, np.ones((500, 500))
    np.random.seed(1)
    out, _ = forward(x, {"mode": "train", "p": 0.25})
    np.random.seed(1)
    np.testing.assert_array_equal(out != 0, np.random.rand(500, 500) < 0.25)
    forward(x, {"mode": "train", "p": 0.25, "seed": 7})
    after = np.random.rand()
    np.random.seed(7)
    np.random.rand(500, 500)
    assert np.random.rand() == after
    monkeypatch.setenv(YEAR, "2017")
    assert np.mean(forward(x, {"mode": "train", "p": 0.25})[0] == 0) == pytest.approx(
        0.25, abs=0.01
    )


def test_arguments_of_the_oldest_years(cs231n, monkeypatch):
    monkeypatch.setenv(YEAR, "2016")
    net = cs231n("classifiers.fc_net").FullyConnectedNet
    old = net([20], 15, use_batchnorm=True, dropout=0.25, seed=3)
    assert old.normalization == "batchnorm"
    assert old.dropout_param["p"] == 0.75
    assert not net([20], 15, dropout=0).use_dropout


def test_star_imports_hand_over_the_layers(cs231n):
    for module in ("classifiers.fc_net", "classifiers.cnn", "layer_utils"):
        for name in (
            "affine_relu_forward",
            "batchnorm_forward",
            "conv_relu_pool_forward",
            "svm_loss",
        ):
            assert hasattr(cs231n(module), name), (module, name)
    for module, name in (
        ("fast_layers", "max_pool_backward_fast"),
        ("im2col", "col2im_indices"),
        ("optim", "adam"),
        ("gradient_check", "eval_numerical_gradient_array"),
        ("vis_utils", "visualize_grid"),
    ):
        assert callable(getattr(cs231n(module), name))


def test_a_solver_draws_from_the_global_generator(cs231n):
    def losses():
        np.random.seed(0)
        model = cs231n("classifiers.fc_net").FullyConnectedNet([5], 4, 3)
        X, y = np.random.randn(20, 4).astype(np.float32), np.random.randint(3, size=20)
        arrays = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
        solver = cs231n("solver").Solver(model, arrays, num_epochs=2, batch_size=5, verbose=False)
        solver.train()
        return solver.loss_history

    assert losses() == losses()


def test_a_grid_of_filters(cs231n):
    grid = cs231n("vis_utils").visualize_grid(np.random.rand(5, 3, 4, 3))
    assert grid.shape == (3 * 4 - 1, 3 * 5 - 1, 3)
    assert grid[:3, :4].max() == pytest.approx(255)
    assert (grid[8:, 5:] == 0).all()


def test_cifar10_as_notebooks_take_it(cs231n, cifar10_dir, monkeypatch):
    monkeypatch.setenv("NORMLAB_DATA_DIR", str(cifar10_dir))
    arrays = cs231n("data_utils").get_CIFAR10_data(num_training=100, num_test=50)
    assert list(arrays) == [f"{name}_{part}" for part in ("train", "val", "test") for name in "Xy"]
    assert arrays["X_train"].shape == (100, 3, 32, 32)
    assert arrays["X_train"].dtype == np.float64
    assert np.abs(arrays["X_train"].mean(axis=0)).max() < 1e-10
    assert len(arrays["X_val"]) == 1000
    assert data.load("cifar10").y_test[:50].tolist() == arrays["y_test"].tolist()


def test_how_to_put_it_on_a_path_by_hand():
    said = subprocess.run(
        [sys.executable, "-m", "normlab.cs231n"], capture_output=True, text=True, check=True
    ).stdout
    assert f"PYTHONPATH={SITE} jupyter lab" in said
    assert f"{YEAR}=2017" in said
    assert 2017 in YEARS


# Notebooks in the style of the course

CELLS = {
    "colab": "from google.colab import drive\ndrive.mount('/content/drive')",
    "compile": "%cd cs231n\n!python setup.py build_ext --inplace",
    "setup": (
        "import numpy as np\nimport matplotlib.pyplot as plt\n"
        "from cs231n.classifiers.{net} import *\nfrom cs231n.solver import Solver\n"
        "%matplotlib inline\nplt.rcParams['figure.figsize'] = (10.0, 8.0)\n"
        "%load_ext autoreload\n%autoreload 2"
    ),
    "use": "{use}",
    "empty": "best_model = None\ny = np.argmax(best_model.loss(np.zeros((2, 4))), axis=1)",
    "kitten": "from scipy.misc import imread, imresize\nkitten = imread('kitten.jpg')",
}
USES = {
    2016: ("fc_net", "print(FullyConnectedNet([5], 4, dropout=0.25, use_batchnorm=True).loss("
           "np.ones((3, 4))).shape)"),
    2019: ("fc_net", "print(TwoLayerNet(4, 5, 3).loss(np.ones((3, 4))).shape)"),
    2024: ("cnn", "print(ThreeLayerConvNet((3, 4, 4), 2, 3, 5).loss(np.ones((2, 3, 4, 4))).shape)"),
}  # fmt: skip


def notebook(folder, year, broken=""):
    import nbformat
    from nbformat import v4

    net, use = USES[year]
    sources = [text.replace("{net}", net).replace("{use}", use) for text in CELLS.values()]
    cells = [v4.new_code_cell(source) for source in (*sources, broken)]
    path = folder / f"year-{year}.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("# A check"), *cells]), path)
    return path


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the kernel's transport
@pytest.mark.parametrize("year", USES)
def test_a_notebook_of_a_year(year, tmp_path):
    path = notebook(tmp_path, year)
    before = path.read_bytes()
    ran = run_notebook(path, year, tmp_path / "out", timeout=120)
    assert (ran.run, ran.skipped) == (4, 2)
    assert not ran.unexpected, table([ran])
    assert [raised.cell for raised in ran.raised] == [6, 7]
    assert path.read_bytes() == before
    assert "(3, 10)" in (tmp_path / "out" / path.name).read_text("utf-8") or year != 2016


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_should_not_raise_is_told(tmp_path):
    ran = run_notebook(notebook(tmp_path, 2019, broken="conv_forward_naive(1)"), 2019, timeout=120)
    (raised,) = ran.unexpected
    assert raised.error.startswith("TypeError")
    assert "cell 8: RAISED: TypeError" in table([ran])


def test_what_is_no_notebook_is_refused(tmp_path):
    (tmp_path / "x.ipynb").write_text("no", "utf-8")
    for name in ("x.ipynb", "none.ipynb"):
        with pytest.raises(ValueError, match=rf"{name}: .*; name an .ipynb of the assignment"):
            run_notebook(tmp_path / name, 2026)
