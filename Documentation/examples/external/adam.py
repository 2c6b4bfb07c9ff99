"""An optimizer of PyTorch as a method: torch.optim.Adam with a cosine from the starting rate."""

import torch

import hypergrad_method


class Adam:
    def __init__(self, hello):
        torch.set_num_threads(1)
        torch.manual_seed(hello["seed"])
        self.theta = torch.zeros(hello["dimension"], dtype=torch.float64)
        self.optimizer = torch.optim.Adam([self.theta], lr=hello.get("rate", 1e-3))
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            self.optimizer, hello.get("steps", 1000))

    def step(self, theta, loss, gradient):
        self.theta.copy_(torch.from_numpy(theta))
        self.theta.grad = torch.from_numpy(gradient)
        rate = self.optimizer.param_groups[0]["lr"]
        self.optimizer.step()
        self.schedule.step()
        return self.theta.numpy(), rate


hypergrad_method.serve(Adam)
