"""The fast way to train: what `nn.Solver` does with an `nn.FullyConnectedNet`, in less time.

The layers and update rules of `normlab.nn` are written to be read, and they are the test of this
package: in float64 both ways give the same losses. Here are the tricks, and nowhere else:

- every array is made once, and operations write into it (``out=``);
- the nets of a group, alike in shape, are trained side by side: arrays have a first axis K;
- sums over a batch are products with a vector of ones, which BLAS does faster than ``sum``;
- the input of the first layer gets no gradient;
- the bias in front of batch normalization, which changes nothing, is left at zero;
- parameters and moments lie in flat arrays, and the update goes over them in chunks that stay in
  the cache; so does the gradient of the first weights, the largest array;
- constants of the update rules are moved to where the arrays are small (see `updates`).
"""

from normlab.training.fast.trainer import FastTrainer

__all__ = ["FastTrainer"]
