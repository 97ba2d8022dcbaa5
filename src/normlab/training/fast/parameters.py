"""Parameters of K nets in one flat array."""

from normlab.training.fast.arrays import aligned_zeros, padded

CHUNK = 32_000  # entries that are updated at a time: a few such arrays fit a core's cache


class FlatParameters:
    """The parameters of K nets of one shape, end to end.

    First come the weights of the first layer of every net, by far the most; then the rest, net
    by net. The rest has a gradient of the same layout, the first weights have none: theirs is made
    and used a chunk at a time.

    Parameters
    ----------
    models : list of nn.FullyConnectedNet
        Their params become views of ``flat``.
    inert : set of str
        Names of parameters to leave where they are.
    """

    def __init__(self, models, inert):
        model = models[0]
        self.nets, self.dtype = len(models), model.dtype
        self.places, size = {}, 0
        for name, value in model.params.items():
            if name != "W1" and name not in inert:
                self.places[name] = slice(size, size + value.size), value.shape
                size += padded(value.size, self.dtype)
        features, width = model.params["W1"].shape
        self.first_size = self.nets * features * width
        self.flat = aligned_zeros(self.first_size + self.nets * size, self.dtype)
        self.first = self.flat[: self.first_size].reshape(self.nets, features, width)
        self.rest = self.flat[self.first_size :].reshape(self.nets, size)
        self.rest_gradient = aligned_zeros((self.nets, size), self.dtype)
        for k, model in enumerate(models):
            self._adopt(model, self.first[k], self.rest[k])

    def _adopt(self, model, first, rest):
        """Take over the numbers of a net, and let it look at the array here."""
        views = {"W1": first}
        for name, (part, shape) in self.places.items():
            views[name] = rest[part].reshape(shape)
        for name, view in views.items():
            view[...] = model.params[name]
            model.params[name] = view

    def of_layer(self, i):
        """Parameters and gradients of layer i, two dicts of views.

        "W" is (K, D, H), "b", "gamma" and "beta" (K, 1, H). The gradients lack "W" of layer 1.
        """
        params, gradients = ({"W": self.first} if i == 1 else {}), {}
        for name in ("W", "b", "gamma", "beta"):
            if f"{name}{i}" in self.places:
                part, shape = self.places[f"{name}{i}"]
                shape = (self.nets, *(shape if len(shape) == 2 else (1, *shape)))
                params[name] = self.rest[:, part].reshape(shape)
                gradients[name] = self.rest_gradient[:, part].reshape(shape)
        return params, gradients

    def chunks_of_first(self):
        """Yield (net, rows of its first weights, their gradient to write, part of ``flat``)."""
        nets, features, width = self.first.shape
        step = min(max(1, CHUNK // width), features)
        gradient = aligned_zeros((step, width), self.dtype)
        for k in range(nets):
            for start in range(0, features, step):
                end = min(start + step, features)
                first = k * features
                part = slice((first + start) * width, (first + end) * width)
                yield k, slice(start, end), gradient[: end - start], part

    def chunks_of_rest(self):
        """Yield (gradient, part of ``flat``)."""
        gradient = self.rest_gradient.ravel()
        for start in range(0, gradient.size, CHUNK):
            chunk = gradient[start : start + CHUNK]
            yield chunk, slice(self.first_size + start, self.first_size + start + chunk.size)
