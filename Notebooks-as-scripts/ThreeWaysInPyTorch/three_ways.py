"""# A small network, three ways

A perceptron learns the product of two numbers under Adam, from a rate that is far too small:

1. **as it is**, PyTorch's Adam at that rate;
2. **hypergradient descent**, `hypergradient.torch.Optimizer`: the rate is one more parameter, trained by
   gradient descent on its own derivative, −⟨g_t, u_{t−1}⟩;
3. **the default controller led from outside**, `hypergradient.torch.LearningRate` on PyTorch's Adam: the
   direction is recovered from what Adam did, and the loss is read, too.

Run it from anywhere; it writes three_ways.svg beside itself, or where the argument says:

    python3 Notebooks-as-scripts/ThreeWaysInPyTorch/three_ways.py [FILE.svg]
"""

import math
import pathlib
import sys

import torch

import hypergradient.torch

STEPS, RATE = 400, 1e-5

# ## The task: y = x₁x₂ on a square, 512 points, full batches.


def task():
    torch.manual_seed(3)
    net = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
    x = 2 * torch.rand(512, 2) - 1
    return net, x, x[:, :1] * x[:, 1:]


# ## The three ways. Each gives the optimizer, and what is told of the loss before its step.


def constant(net):
    return torch.optim.Adam(net.parameters(), lr=RATE), lambda loss: None


def hypergradient_descent(net):
    text = f"adam + hypergradient(initial: {RATE}, hyperLearningRate: 0.05, form: .multiplicative)"
    return hypergradient.torch.Optimizer(net.parameters(), text), lambda loss: None


def led_from_outside(net):
    adam = torch.optim.Adam(net.parameters(), lr=RATE)
    rate = hypergradient.torch.LearningRate(adam, "traceAligned(initial: lr, steps: n)", n=STEPS)
    return adam, lambda loss: rate.observe(loss=loss)


def train(way):
    net, x, y = task()
    optimizer, observe = way(net)
    losses, rates = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(net(x), y)
        loss.backward()
        observe(loss)
        optimizer.step()
        losses.append(loss.item())
        rates.append(float(optimizer.param_groups[0]["lr"]))
    return losses, rates


# ## The picture: loss above, rate below, both by their powers of ten.

COLOURS = ["#888888", "#0b62a4", "#c2410c"]


def panel(curves, top, title):
    values = [math.log10(v) for curve in curves for v in curve if v > 0]
    low, high = math.floor(min(values)), math.ceil(max(values))
    lines = [f'<text x="60" y="{top - 8}">{title}</text>']
    for power in range(low, high + 1):
        y = top + 200 * (high - power) / (high - low)
        lines.append(f'<line x1="60" x2="700" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        lines.append(f'<text x="52" y="{y + 4:.1f}" text-anchor="end">1e{power}</text>')
    for curve, colour in zip(curves, COLOURS):
        points = " ".join(
            f"{60 + 640 * k / (STEPS - 1):.1f},"
            f"{top + 200 * (high - math.log10(v)) / (high - low):.1f}"
            for k, v in enumerate(curve)
            if v > 0
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    return lines


def main():
    torch.set_num_threads(1)
    names = ["Adam as it is", "hypergradient descent", "traceAligned, from outside"]
    runs = [train(way) for way in (constant, hypergradient_descent, led_from_outside)]
    for name, (losses, rates) in zip(names, runs):
        print(f"{name}: loss {losses[0]:.4f} → {losses[-1]:.6f}, rate {rates[0]:.1e} → {rates[-1]:.1e}")
    drawing = panel([losses for losses, _ in runs], 50, "loss")
    drawing += panel([rates for _, rates in runs], 310, "learning rate")
    for k, (name, colour) in enumerate(zip(names, COLOURS)):
        drawing.append(f'<text x="{60 + 215 * k}" y="545" fill="{colour}">{name}</text>')
    place = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_suffix(".svg"))
    place.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="560" font-family="sans-serif" '
        'font-size="13"><rect width="720" height="560" fill="white"/>\n'
        + "\n".join(drawing)
        + "\n</svg>\n"
    )
    final = [losses[-1] for losses, _ in runs]
    assert final[1] < final[0] / 2 and final[2] < final[0] / 2, final


if __name__ == "__main__":
    main()
