"""A PyTorch network on minibatches, in single precision: hypergrad trains it with any method.

Without a learning rate, an optimizer or a loop of its own.
"""

import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters

import hypergrad_task


class Network:
    def __init__(self, instance, steps):
        torch.manual_seed(instance)
        torch.set_num_threads(1)
        turns = torch.rand(300, 1)
        sign = torch.where(torch.rand(300, 1) < 0.5, -1.0, 1.0)
        angle = 9 * turns.sqrt()
        points = sign * turns.sqrt() * torch.cat([angle.cos(), angle.sin()], 1)
        self.points, self.classes = points, (sign > 0).float()
        self.model = torch.nn.Sequential(
            torch.nn.Linear(2, 24), torch.nn.Tanh(), torch.nn.Linear(24, 24), torch.nn.Tanh(),
            torch.nn.Linear(24, 1))
        self.loss_function = torch.nn.BCEWithLogitsLoss()
        self.start = parameters_to_vector(self.model.parameters()).detach().numpy()
        self.groups = [p.numel() for p in self.model.parameters()]
        self.stepsPerEpoch = 8

    def gradient(self, theta, step, seed):
        rows = torch.arange(256)
        if seed is not None:
            epoch, place = divmod(step, 8)
            random = torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
            rows = torch.randperm(256, generator=random)[32 * place : 32 * place + 32]
        parameters = list(self.model.parameters())
        vector_to_parameters(torch.from_numpy(theta), parameters)
        loss = self.loss_function(self.model(self.points[rows]), self.classes[rows])
        gradients = torch.autograd.grad(loss, parameters)
        return loss.item(), parameters_to_vector([g.contiguous() for g in gradients]).numpy()

    def score(self, theta):
        vector_to_parameters(torch.from_numpy(theta), self.model.parameters())
        with torch.no_grad():
            logits = self.model(self.points[256:])
        loss = self.loss_function(logits, self.classes[256:])
        return loss.item(), ((logits > 0) == (self.classes[256:] > 0)).float().mean().item()


hypergrad_task.serve(Network)
