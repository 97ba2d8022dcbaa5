"""The Solver with a compiled step: the same bits, several times as fast."""

from itertools import groupby
from math import prod

import numpy as np

from normlab.nn import NonFiniteError, Solver, softmax_loss
from normlab.training.engine.plan import Plan, lacks_twin
from normlab.training.engine.program import Program
from normlab.training.engine.rules import MOST_NUMBERS, RULES, numbers_of


class FastSolver(Solver):
    """A Solver that computes with the twins of layers and update rule.

    The model's parameters and running statistics, and the memory of the update rule, become views
    into the engine's memory, which a step changes in place. What somebody else puts into their
    dicts is taken over before the next step. Parameters that begin with the same options of the
    update rule, one after the other, have those of the first among them.

    Parameters
    ----------
    model, data, ...
        As of Solver; the model is one that `can_train` says yes to.
    most : int
        Examples for which there is room in test mode; more go through the readable layers.
    """

    def __init__(self, model, data, *args, most=1000, **kwargs):
        super().__init__(model, data, *args, **kwargs)
        self._flat = self.X_train.reshape(len(self.X_train), -1)
        self._rule, kept = self.update_rule.__name__, RULES[self.update_rule.__name__][1]
        plan = self._plan = Plan(model, self.batch_size, most)
        memories = [plan.memory.place(plan.size) for _ in kept]
        self._groups = []  # (name of the first parameter, place of the numbers of the rule)
        self._apply = self._last_program(memories)
        plan.memory.make()
        view = plan.memory.view
        self._input = view(*plan.input)
        self._scores_out, self._dscores = view(*plan.scores), view(*plan.dscores)
        self._masks = [(param, view(*at)) for param, *at in plan.masks]
        self._views = [(param, name, view(*at)) for param, name, *at in plan.statistics]
        self._parameters = {}
        options = self.update_rule.options
        defaults = {key: options[key].default for key in options if key not in kept}
        for name, (w, _, shape) in plan.parameters.items():
            config = self.optim_configs[name] = defaults | self.optim_configs[name]
            self._parameters[name] = view(w, shape)
            for key, start in zip(kept, memories, strict=True):
                self._views.append((config, key, view(start + w - plan.first, shape)))

    @staticmethod
    def can_train(model, batch_size) -> bool:
        """Whether there are twins for all of a net."""
        return lacks_twin(model, batch_size) is None

    def _last_program(self, memories):
        """What follows the backward pass: the penalty, and the update of all parameters."""
        plan, program = self._plan, Program()
        if self.model.reg:
            reg = plan.memory.number(self.model.reg)
            for name in self.model.weights():
                w, dw, shape = plan.parameters[name]
                program.add("penalty", (prod(shape),), w, dw, reg)
        for names in self._alike():
            start, (last, _, shape) = plan.parameters[names[0]][0], plan.parameters[names[-1]]
            numbers, behind = plan.memory.place(MOST_NUMBERS), start - plan.first
            self._groups.append((names[0], numbers))
            first, second, *_ = *(memory + behind for memory in memories), 0, 0
            places = (start, plan.first_gradient + behind, first, second, numbers)
            program.add(self._rule, (last + prod(shape) - start,), *places)
        return program.finish()

    def _alike(self):
        """Names of parameters that lie one after the other and have the same options."""
        configs = self.optim_configs
        return [[*names] for _, names in groupby(self._plan.parameters, key=configs.__getitem__)]

    def _follow(self):
        """Take over what others have put into the dicts of model and update rule."""
        params = self.model.params  # may be another dict by now
        for name, view in self._parameters.items():
            if params[name] is not view:
                view[...] = params[name]
                params[name] = view
        for owner, name, view in self._views:
            there = owner.get(name)
            if there is not view:
                view[...] = 0 if there is None else there
                owner[name] = view

    def _update(self, batch):
        self._follow()
        self._gather(batch)
        for param, mask in self._masks:
            kept = param["rng"].random(mask.shape) < param["p"]
            np.divide(kept.astype(mask.dtype), param["p"], out=mask)
        if not self._plan.forward.run(self._plan.memory):
            raise NonFiniteError("the variance of a layer's input is not finite")
        self._record(self._loss(self.y_train[batch]))
        self._plan.backward.run(self._plan.memory)
        self._apply_rule()

    def _gather(self, batch):
        if self._flat.dtype == self._input.dtype:
            np.take(self._flat, batch, axis=0, out=self._input, mode="clip")
        else:
            self._input[...] = self._flat[batch]

    def _loss(self, y):
        scores = self._scores_out
        loss_of = softmax_loss.layer.body if np.isfinite(scores).all() else softmax_loss
        loss, self._dscores[...] = loss_of(scores, y)
        return self.model.penalized(loss) if self.model.reg else loss

    def _apply_rule(self):
        for name, place in self._groups:
            numbers = numbers_of(self._rule, self.optim_configs[name])
            self._plan.memory.array[place : place + len(numbers)] = numbers
        self._apply.run(self._plan.memory)
        for config in self.optim_configs.values():
            if "t" in config:
                config["t"] += 1

    def _scores(self, X):
        plan = self._plan
        if not 2 <= len(X) <= plan.most:
            return super()._scores(X)
        self._follow()
        program, first, scores = plan.test_program(len(X))
        rows = X.reshape(len(X), -1).astype(self._input.dtype, copy=False)
        weights = self.model.params[self.model.nodes[0].names[0]]
        np.matmul(rows, weights, out=plan.memory.view(*first))
        program.run(plan.memory)
        return plan.memory.view(*scores)
