"""A notebook of each year, in the style of the course, with every name and argument it uses."""

import pytest

from normlab.cs231n import YEARS
from normlab.cs231n.run import run_notebook, table

SETUP = """
import time
import numpy as np
import matplotlib.pyplot as plt
from cs231n.classifiers.fc_net import *
from cs231n.data_utils import get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.solver import Solver

%matplotlib inline
plt.rcParams['figure.figsize'] = (10.0, 8.0)
plt.rcParams['image.interpolation'] = 'nearest'
plt.rcParams['image.cmap'] = 'gray'
%load_ext autoreload
%autoreload 2

def rel_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))
"""
DATA = """
data = get_CIFAR10_data(num_training=300, num_validation=50, num_test=50)
for k, v in list(data.items()):
    print(f"{k}: {v.shape}")
assert list(data) == ['X_train', 'y_train', 'X_val', 'y_val', 'X_test', 'y_test']
small_data = {k: data[k][:50] for k in data}
"""
LAYERS = """
np.random.seed(231)
x, w, b, dout = np.random.randn(10, 2, 3), np.random.randn(6, 5), np.random.randn(5), np.random.randn(10, 5)
_, cache = affine_forward(x, w, b)
dx, dw, db = affine_backward(dout, cache)
dx_num = eval_numerical_gradient_array(lambda x: affine_forward(x, w, b)[0], x, dout)
print('dx error: ', rel_error(dx_num, dx))
assert rel_error(dx_num, dx) < 1e-8
out, cache = affine_relu_forward(x, w, b)
assert affine_relu_backward(dout, cache)[1].shape == w.shape
out, cache = relu_forward(x)
assert (relu_backward(np.ones_like(x), cache) == (x > 0)).all()
scores, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
assert abs(softmax_loss(scores, y)[0] - 2.3) < 0.1 and abs(svm_loss(scores, y)[0] - 9) < 0.1
dx_num = eval_numerical_gradient(lambda x: softmax_loss(x, y)[0], scores, verbose=False)
assert rel_error(dx_num, softmax_loss(scores, y)[1]) < 1e-6
"""
TWO_LAYERS = """
model = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
model.params['W1'] = np.linspace(-0.7, 0.3, num=5 * 50).reshape(5, 50)
model.params['b1'] = np.linspace(-0.1, 0.9, num=50)
model.params['W2'] = np.linspace(-0.3, 0.4, num=50 * 7).reshape(50, 7)
model.params['b2'] = np.linspace(-0.9, 0.1, num=7)
X, y = np.linspace(-5.5, 4.5, num=3 * 5).reshape(5, 3).T, np.asarray([0, 5, 1])
assert abs(model.loss(X, y)[0] - 3.4702243556) < 1e-10
model.reg = 1.0
assert abs(model.loss(X, y)[0] - 26.5948426952) < 1e-10
model = TwoLayerNet(reg=0.1)
solver = Solver(model, data, update_rule='sgd', optim_config={'learning_rate': 1e-3}, lr_decay=0.95,
                num_epochs=1, batch_size=100, print_every=100)
solver.train()
"""
NET = """
np.random.seed(231)
X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
for reg in [0, 3.14]:
    print('Running check with reg = ', reg)
    model = FullyConnectedNet([20, 30], input_dim=15, num_classes=10, reg=reg, weight_scale=5e-2,
                              dtype=np.float64)
    loss, grads = model.loss(X, y)
    for name in sorted(grads):
        f = lambda _: model.loss(X, y)[0]
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
        assert rel_error(grad_num, grads[name]) < 1e-4
model = FullyConnectedNet([100, 100], weight_scale=1e-1, dtype=np.float64)
solver = Solver(model, small_data, print_every=10, num_epochs=3, batch_size=25, update_rule='sgd',
                optim_config={'learning_rate': 1e-3})
solver.train()
plt.plot(solver.loss_history, 'o')
plt.title('Training loss history')
plt.show()
"""
RULES = """
from cs231n.optim import sgd, sgd_momentum, rmsprop, adam
N, D = 4, 5
w = np.linspace(-0.4, 0.6, num=N * D).reshape(N, D)
dw = np.linspace(-0.6, 0.4, num=N * D).reshape(N, D)
v = np.linspace(0.6, 0.9, num=N * D).reshape(N, D)
next_w, _ = sgd_momentum(w, dw, config={'learning_rate': 1e-3, 'velocity': v})
assert abs(next_w[0, 0] - 0.1406) < 1e-8
next_w, _ = rmsprop(w, dw, config={'learning_rate': 1e-2, 'cache': v})
assert abs(next_w[0, 0] + 0.39223849) < 1e-8
next_w, config = adam(w, dw, config={'learning_rate': 1e-2, 'm': v, 'v': v + 0.1, 't': 5})
assert abs(next_w[0, 0] + 0.40094747) < 1e-8 and config['t'] == 6
for update_rule in ['sgd', 'sgd_momentum', 'adam', 'rmsprop']:
    model = FullyConnectedNet([100] * 2, weight_scale=5e-2)
    solver = Solver(model, small_data, num_epochs=1, batch_size=25, update_rule=update_rule,
                    optim_config={'learning_rate': 1e-3}, verbose=True)
    solver.train()
"""
BATCHNORM = """
np.random.seed(231)
a = np.maximum(0, np.random.randn(200, 50).dot(np.random.randn(50, 3)))
def print_mean_std(x, axis=0):
    print('  means: ', x.mean(axis=axis), ' stds: ', x.std(axis=axis))
print_mean_std(a)
gamma, beta = np.ones(a.shape[1]), np.zeros(a.shape[1])
a_norm, _ = batchnorm_forward(a, gamma, beta, {'mode': 'train'})
gamma, beta = np.asarray([1.0, 2.0, 3.0]), np.asarray([11.0, 12.0, 13.0])
a_norm, cache = batchnorm_forward(a, gamma, beta, {'mode': 'train'})
assert np.abs(a_norm.mean(axis=0) - beta).max() < 1e-8
dout = np.random.randn(*a.shape)
for one, other in zip(batchnorm_backward(dout, cache), batchnorm_backward_alt(dout, cache)):
    assert rel_error(one, other) < 1e-8
bn_param = {'mode': 'train'}
for t in range(50):
    batchnorm_forward(a, gamma, beta, bn_param)
bn_param['mode'] = 'test'
assert np.abs(batchnorm_forward(a, gamma, beta, bn_param)[0].mean(axis=0) - beta).max() < 0.1
batchnorm_forward(a, np.ones(3, int), np.zeros(3, int), {'mode': 'train'})
"""
BATCHNORM_NET = """
np.random.seed(231)
X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
losses = []
for reg in [0, 3.14]:
    model = FullyConnectedNet([20, 30], input_dim=15, num_classes=10, reg=reg, weight_scale=5e-2,
                              dtype=np.float64, {norm})
    losses.append(model.loss(X, y)[0])
np.testing.assert_allclose(losses, [2.2611955101340957, 6.996533220108303], rtol=1e-12)
bn_model = FullyConnectedNet([100] * 5, weight_scale=2e-2, {norm})
bn_solver = Solver(bn_model, small_data, num_epochs=1, batch_size=50, update_rule='adam',
                   optim_config={'learning_rate': 1e-3}, verbose=True, print_every=20)
bn_solver.train()
assert len(bn_solver.train_acc_history) == 1 and bn_solver.best_val_acc >= 0
"""
LAYERNORM = """
np.random.seed(231)
x, gamma, beta = 5 * np.random.randn(4, 5) + 12, np.random.randn(5), np.random.randn(5)
out, cache = layernorm_forward(x, gamma, beta, {})
dx, dgamma, dbeta = layernorm_backward(np.ones_like(x), cache)
model = FullyConnectedNet([20, 30], input_dim=15, normalization='layernorm', reg=3.14, dtype=np.float64)
print(model.loss(np.random.randn(2, 15), np.array([1, 2]))[0])
"""
DROPOUT = """
np.random.seed(231)
x = np.random.randn(500, 500) + 10
for p in {ps}:
    out, _ = dropout_forward(x, {{'mode': 'train', 'p': p}})
    out_test, _ = dropout_forward(x, {{'mode': 'test', 'p': p}})
    print('Fraction of train-time output set to zero: ', (out == 0).mean())
    assert abs((out == 0).mean() - {dropped}) < 0.01 and abs(out.mean() - 10) < 0.2
    assert (out_test == x).all()
dropout_param = {{'mode': 'train', 'p': 0.2, 'seed': 123}}
out, cache = dropout_forward(x[:10, :10], dropout_param)
dx = dropout_backward(np.ones((10, 10)), cache)
assert ((dx == 0) == (out == 0)).all()
"""
DROPOUT_NET = """
np.random.seed(231)
X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
losses = []
for p in {ps}:
    model = FullyConnectedNet([20, 30], input_dim=15, num_classes=10, weight_scale=5e-2,
                              dtype=np.float64, {keyword}=p, seed=123)
    loss, grads = model.loss(X, y)
    losses.append(loss)
    for name in sorted(grads):
        f = lambda _: model.loss(X, y)[0]
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
        assert rel_error(grad_num, grads[name]) < 1e-3
np.testing.assert_allclose(losses, [2.3004790897684924, 2.302371489704412, 2.3042759220785896], rtol=1e-12)
"""
CONV = """
from cs231n.classifiers.cnn import *
from cs231n.fast_layers import *
from cs231n.layer_utils import *
from cs231n.im2col import *
x = np.linspace(-0.1, 0.5, num=96).reshape(2, 3, 4, 4)
w = np.linspace(-0.2, 0.3, num=144).reshape(3, 3, 4, 4)
out, cache = conv_forward_naive(x, w, np.linspace(-0.1, 0.2, num=3), {'stride': 2, 'pad': 1})
assert abs(out[0, 0, 0, 0] + 0.08759809) < 1e-8
dx, dw, db = conv_backward_naive(np.ones_like(out), cache)
images = np.random.randint(255, size=(2, 3, 8, 8)).astype(float)
w = np.zeros((2, 3, 3, 3))
w[0, 0, :, :] = [[0, 0, 0], [0, 0.3, 0], [0, 0, 0]]
b = np.array([0, 128])
out, _ = conv_forward_naive(images, w, b, {'stride': 1, 'pad': 1})
out, cache = max_pool_forward_naive(x, {'pool_width': 2, 'pool_height': 2, 'stride': 2})
dx = max_pool_backward_naive(np.ones_like(out), cache)
"""
FAST = """
x, w, b = np.random.randn(10, 3, 31, 31), np.random.randn(5, 3, 3, 3), np.random.randn(5)
conv_param = {'stride': 2, 'pad': 1}
t0 = time.time()
out_naive, cache_naive = conv_forward_naive(x, w, b, conv_param)
out_fast, cache_fast = conv_forward_fast(x, w, b, conv_param)
print('Speedup: %fx' % ((time.time() - t0) / 1))
assert rel_error(out_naive, out_fast) < 1e-9
dout = np.random.randn(*out_fast.shape)
for one, other in zip(conv_backward_naive(dout, cache_naive), conv_backward_fast(dout, cache_fast)):
    assert rel_error(one, other) < 1e-9
x, pool_param = np.random.randn(4, 3, 32, 32), {'pool_height': 2, 'pool_width': 2, 'stride': 2}
out, cache = max_pool_forward_fast(x, pool_param)
naive, naive_cache = max_pool_forward_naive(x, pool_param)
assert (out == naive).all()
dout = np.random.randn(*out.shape)
assert (max_pool_backward_fast(dout, cache) == max_pool_backward_naive(dout, naive_cache)).all()
cols = im2col_indices(x, 3, 3, padding=1, stride=1)
assert col2im_indices(cols, x.shape, 3, 3, padding=1, stride=1).shape == x.shape
x, w, b = np.random.randn(2, 3, 16, 16), np.random.randn(3, 3, 3, 3), np.random.randn(3)
conv_param = {'stride': 1, 'pad': 1}
out, cache = conv_relu_pool_forward(x, w, b, conv_param, pool_param)
dx, dw, db = conv_relu_pool_backward(np.random.randn(*out.shape), cache)
out, cache = conv_relu_forward(x, w, b, conv_param)
dx, dw, db = conv_relu_backward(np.random.randn(*out.shape), cache)
"""
CONV_NET = """
np.random.seed(231)
model = ThreeLayerConvNet()
X, y = np.random.randn(50, 3, 32, 32), np.random.randint(10, size=50)
loss, grads = model.loss(X, y)
assert abs(loss - np.log(10)) < 0.01
model.reg = 0.5
assert model.loss(X, y)[0] > loss
model = ThreeLayerConvNet(num_filters=3, filter_size=3, input_dim=(2, 16, 16), hidden_dim=7, dtype=np.float64)
X, y = np.random.randn(5, 2, 16, 16), np.random.randint(10, size=5)
loss, grads = model.loss(X, y)
for name in ['W1', 'b1', 'b3']:
    grad_num = eval_numerical_gradient(lambda _: model.loss(X, y)[0], model.params[name], verbose=False, h=1e-6)
    print('%s max relative error: %e' % (name, rel_error(grad_num, grads[name])))
model = ThreeLayerConvNet(num_filters=4, filter_size=7, hidden_dim=20, weight_scale=1e-2, reg=0.001)
solver = Solver(model, small_data, num_epochs=1, batch_size=25, update_rule='adam',
                optim_config={'learning_rate': 1e-3}, verbose=True, print_every=1)
solver.train()
print(solver.check_accuracy(small_data['X_train'], small_data['y_train']))
from cs231n.vis_utils import visualize_grid
grid = visualize_grid(model.params['W1'].transpose(0, 2, 3, 1))
plt.imshow(grid.astype('uint8'))
plt.axis('off')
plt.gcf().set_size_inches(5, 5)
plt.show()
"""
SPATIAL = """
x = 4 * np.random.randn(2, 3, 4, 5) + 10
out, _ = spatial_batchnorm_forward(x, np.ones(3), np.zeros(3), {'mode': 'train'})
gamma, beta = np.asarray([3, 4, 5]), np.asarray([6, 7, 8])
out, cache = spatial_batchnorm_forward(x, gamma, beta, {'mode': 'train'})
assert np.abs(out.mean(axis=(0, 2, 3)) - beta).max() < 1e-8
dx, dgamma, dbeta = spatial_batchnorm_backward(np.random.randn(*x.shape), cache)
bn_param = {'mode': 'train'}
for t in range(50):
    spatial_batchnorm_forward(x, np.ones(3), np.zeros(3), bn_param)
bn_param['mode'] = 'test'
spatial_batchnorm_forward(x, np.ones(3), np.zeros(3), bn_param)
"""
GROUP = """
x = 4 * np.random.randn(2, 6, 4, 5) + 10
gamma, beta = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
out, cache = spatial_groupnorm_forward(x, gamma, beta, 2, {'mode': 'train'})
out, cache = spatial_groupnorm_forward(x, gamma, beta, 2, {})
dx, dgamma, dbeta = spatial_groupnorm_backward(np.random.randn(*x.shape), cache)
assert dgamma.shape == dbeta.shape == (1, 6, 1, 1)
"""
COLAB = "from google.colab import drive\ndrive.mount('/content/drive')\nFOLDERNAME = None"
COPIED = "%cd /content/drive/My\\ Drive\n%cp -r notebook_images ./"
COMPILED = (
    "%cd /content/drive/My\\ Drive/$FOLDERNAME/cs231n/\n!python setup.py build_ext --inplace\n%cd -"
)
KITTENS = {
    "scipy": "from scipy.misc import imread, imresize\nkitten = imread('kitten.jpg')",
    "imageio": "from imageio import imread\nkitten = imread('notebook_images/kitten.jpg')",
}
BEST = "best_model = None\nprint(best_model.loss(data['X_test']))"
PLOT = "solvers = {}\nsolver = None\nplt.plot(solver.loss_history)"


def cells(year):
    """(sources that run, sources that are left out, sources that raise whatever the library is)."""
    keyword, old = ("dropout", year <= 2017) if year <= 2020 else ("dropout_keep_ratio", False)
    norm = "use_batchnorm=True" if old else "normalization='batchnorm'"
    shares = {"ps": "[0.3, 0.6, 0.75]" if old else "[0.25, 0.4, 0.7]"}
    drop = DROPOUT.format(dropped="p" if old else "(1 - p)", **shares)
    net = DROPOUT_NET.format(keyword=keyword, ps="[0, 0.25, 0.5]" if old else "[1, 0.75, 0.5]")
    run = [SETUP, DATA, LAYERS, NET, RULES, BATCHNORM, BATCHNORM_NET.replace("{norm}", norm), drop]
    run += [net, CONV, FAST, CONV_NET, SPATIAL]
    run += [TWO_LAYERS] if year <= 2020 else []
    run += [] if old else [LAYERNORM, GROUP]
    skipped = [COLAB, COMPILED] if year >= 2020 else [COMPILED]
    skipped += [COPIED] if year == 2020 else []
    raising = [BEST, KITTENS["scipy" if year <= 2018 else "imageio"]]
    raising += [PLOT] if 2018 <= year <= 2020 else []
    return run, skipped, raising


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the kernel's transport
@pytest.mark.parametrize("year", YEARS)
def test_a_notebook_of_each_year(year, tmp_path, cifar10_dir, monkeypatch):
    import nbformat
    from nbformat import v4

    monkeypatch.setenv("NORMLAB_DATA_DIR", str(cifar10_dir))
    run, skipped, raising = cells(year)
    sources = [*skipped, *run, *raising]
    path = tmp_path / f"assignment2-{year}.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources]), path)
    ran = run_notebook(path, year, timeout=300)
    assert not ran.unexpected, table([ran])
    assert (ran.run, ran.skipped) == (len(run) + len(raising), len(skipped))
    first = len(skipped) + len(run) + 1
    assert [raised.cell for raised in ran.raised] == list(range(first, first + len(raising)))
