"""JAX: one update compiled as a whole, for one net or by vmap for several."""

import functools
from itertools import pairwise

import jax
import jax.numpy as jnp

from benchmarks.workloads import LEARNING_RATE, WEIGHT_SCALE, examples

EPS, MOMENTUM = 1e-5, 0.9
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def start(workload, nets=1):
    X, y = map(jnp.asarray, examples(workload))
    states = [_initial(workload, seed) for seed in range(nets)]
    state = jax.tree.map(lambda *leaves: jnp.stack(leaves), *states) if nets > 1 else states[0]
    update = _compiled(workload, nets > 1)

    def step():
        nonlocal state
        state, loss = update(state, X, y)
        return jax.device_get(loss)  # waits until the update is done

    return step, nets


def versions():
    return {"JAX": jax.__version__}


@functools.cache
def _compiled(workload, many):
    update = functools.partial(_update, workload)
    return jax.jit(jax.vmap(update, (0, None, None)) if many else update, donate_argnums=0)


def _initial(workload, seed):
    """Parameters, running statistics, moments, number of updates, random key."""
    key = jax.random.key(seed)
    params, running = [], []
    for fan_in, fan_out in pairwise(workload.dims):
        key, own = jax.random.split(key)
        w = WEIGHT_SCALE * jax.random.normal(own, (fan_in, fan_out))
        params.append([w, jnp.zeros(fan_out), jnp.ones(fan_out), jnp.zeros(fan_out)])
        running.append((jnp.zeros(fan_out), jnp.zeros(fan_out)))
    params[-1], running = params[-1][:2], running[:-1]
    moments = (jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params))
    return params, running, moments, jnp.zeros(()), key


def _update(workload, state, X, y):
    params, running, moments, t, key = state
    key, own = jax.random.split(key)
    batch = jax.random.randint(own, (workload.batch_size,), 0, len(X))
    loss_of = functools.partial(_loss, workload.normalization)
    (loss, running), grads = jax.value_and_grad(loss_of, has_aux=True)(
        params, running, X[batch], y[batch]
    )
    m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, moments[0], grads)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, moments[1], grads)
    t = t + 1
    params = jax.tree.map(
        lambda w, m, v: (
            w - LEARNING_RATE * (m / (1 - BETA1**t)) / (jnp.sqrt(v / (1 - BETA2**t)) + EPSILON)
        ),
        params,
        m,
        v,
    )
    return (params, running, (m, v), t, key), loss


def _loss(normalization, params, running, x, y):
    axis = 0 if normalization == "batchnorm" else 1
    moved = []
    for (w, b, gamma, beta), (mean, var) in zip(params[:-1], running):  # noqa: B905
        x = x @ w + b
        batch_mean, batch_var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
        x = jax.nn.relu(gamma * (x - batch_mean) / jnp.sqrt(batch_var + EPS) + beta)
        if axis == 0:
            mean = MOMENTUM * mean + (1 - MOMENTUM) * batch_mean[0]
            var = MOMENTUM * var + (1 - MOMENTUM) * batch_var[0]
        moved.append((mean, var))
    w, b = params[-1]
    scores = jax.nn.log_softmax(x @ w + b)
    return -jnp.take_along_axis(scores, y[:, None], axis=1).mean(), moved
