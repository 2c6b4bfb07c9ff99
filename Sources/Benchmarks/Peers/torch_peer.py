"""PyTorch on the processor: eager steps of the hypergradient optimizers, written from their
equations, PyTorch's own optimizers, and epochs of MNIST's two models."""
try:
    import gzip
    import os

    import torch
except ImportError as error:
    missing(error)


class SGDHD:
    """alpha += beta <g_t, g_{t-1}>; theta -= alpha g_t, over the gradients as one flat vector."""

    def __init__(self, parameters, alpha, beta):
        self.parameters, self.alpha, self.beta = parameters, alpha, beta
        self.previous = None

    @torch.no_grad()
    def step(self):
        flat = torch.cat([p.grad.reshape(-1) for p in self.parameters])
        if self.previous is not None:
            self.alpha += self.beta * torch.dot(flat, self.previous).item()
        self.previous = flat
        begin = 0
        for p in self.parameters:
            end = begin + p.numel()
            p.add_(flat[begin:end].view_as(p), alpha=-self.alpha)
            begin = end


class AdamHD:
    """alpha += beta <g_t, u_{t-1}>, where u_{t-1} is made again from the moments; then Adam."""

    def __init__(self, parameters, alpha, beta, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.parameters, self.alpha, self.beta = parameters, alpha, beta
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.time = 0
        self.m = [torch.zeros_like(p) for p in parameters]
        self.v = [torch.zeros_like(p) for p in parameters]

    @torch.no_grad()
    def step(self):
        b1, b2 = self.beta1, self.beta2
        if self.time > 0:
            scale = (1 - b2**self.time) ** 0.5 / (1 - b1**self.time)
            h = 0.0
            for p, m, v in zip(self.parameters, self.m, self.v):
                u = torch.div(m, v.sqrt().add_(self.epsilon))
                h += torch.dot(p.grad.reshape(-1), u.reshape(-1)).item() * scale
            self.alpha += self.beta * h
        self.time += 1
        scale = (1 - b2**self.time) ** 0.5 / (1 - b1**self.time)
        for p, m, v in zip(self.parameters, self.m, self.v):
            m.mul_(b1).add_(p.grad, alpha=1 - b1)
            v.mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
            p.addcdiv_(m, v.sqrt().add_(self.epsilon), value=-self.alpha * scale)


def optimizer(kind, parameters, alpha, beta):
    if kind == "sgd-hd":
        return SGDHD(parameters, alpha, beta)
    if kind == "adam-hd":
        return AdamHD(parameters, alpha, beta)
    if kind == "sgd":
        return torch.optim.SGD(parameters, lr=alpha, foreach=True)
    return torch.optim.Adam(parameters, lr=alpha, fused=True)


def step(kind, n, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    parameter = torch.randn(n, requires_grad=True)
    parameter.grad = torch.randn(n) * 1e-3
    return optimizer(kind, [parameter], 1e-3, 1e-12).step


def idx(folder, stem, ending):
    for name in (f"{stem}-{ending}", f"{stem}.{ending}"):
        for suffix, opener in (("", open), (".gz", gzip.open)):
            path = os.path.join(folder, name + suffix)
            if os.path.exists(path):
                with opener(path, "rb") as file:
                    return file.read()
    raise FileNotFoundError(f"no {stem}-{ending} in {folder}")


def mnist(folder):
    if not folder:
        generator = torch.Generator().manual_seed(1)
        return (torch.randn(60000, 784, generator=generator),
                torch.randint(0, 10, (60000,), generator=generator))
    pixels = torch.frombuffer(
        bytearray(idx(folder, "train-images", "idx3-ubyte")[16:]), dtype=torch.uint8)
    labels = torch.frombuffer(
        bytearray(idx(folder, "train-labels", "idx1-ubyte")[8:]), dtype=torch.uint8)
    x = (pixels.view(len(labels), -1).float() / 255 - 0.1307) / 0.3081
    return x, labels.long()


def epoch(kind, hidden, alpha, beta, threads, data):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    x, y = mnist(data)
    widths = [x.shape[1]] + [int(w) for w in hidden.split(",") if w] + [10]
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    stepper = optimizer(kind, list(model.parameters()), alpha, beta)

    def run():
        order = torch.randperm(len(x))
        for begin in range(0, len(x), 128):
            batch = order[begin:begin + 128]
            loss = torch.nn.functional.cross_entropy(model(x[batch]), y[batch])
            model.zero_grad(set_to_none=True)
            loss.backward()
            stepper.step()

    return run


serve({"step": step, "epoch": epoch}, "PyTorch", torch.__version__.split("+")[0])
