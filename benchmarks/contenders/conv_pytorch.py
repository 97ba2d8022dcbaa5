"""The same conv net in PyTorch, eager."""

import torch

from benchmarks.workloads import CLASSES, images

NORMS = {
    "none": lambda: (),
    "batchnorm": lambda: (torch.nn.BatchNorm2d(32),),
    "groupnorm": lambda: (torch.nn.GroupNorm(4, 32),),
}


def start(workload, threads, channels_last):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    X, y = map(torch.from_numpy, images(workload))
    X = X.to(memory_format=layout)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 7, padding=3),
        *NORMS[workload.normalization](),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(32 * 16 * 16, 100),
        torch.nn.ReLU(),
        torch.nn.Linear(100, CLASSES),
    ).to(memory_format=layout)

    def step():
        net.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(net(X), y).backward()

    return step, 1


def versions():
    return {"PyTorch": torch.__version__}
