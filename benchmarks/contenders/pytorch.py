"""PyTorch, eager, as its tutorials train a net."""

from itertools import pairwise

import torch

from benchmarks.workloads import LEARNING_RATE, WEIGHT_SCALE, examples

NORMS = {"batchnorm": torch.nn.BatchNorm1d, "layernorm": torch.nn.LayerNorm}


def start(workload, threads, fused):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    X, y = map(torch.from_numpy, examples(workload))
    model = _net(workload)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=fused)
    cross_entropy = torch.nn.functional.cross_entropy

    def step():
        batch = torch.randint(len(X), (workload.batch_size,))
        loss = cross_entropy(model(X[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, 1


def versions():
    return {"PyTorch": torch.__version__}


def _net(workload):
    layers = []
    for fan_in, fan_out in pairwise(workload.dims):
        linear = torch.nn.Linear(fan_in, fan_out)
        torch.nn.init.normal_(linear.weight, std=WEIGHT_SCALE)
        torch.nn.init.zeros_(linear.bias)
        layers += [linear, NORMS[workload.normalization](fan_out), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-2])
