"""JAX on the processor: whole sweeps as jit(vmap(scan)), compiled once; compiling is timed apart."""
try:
    import os

    import jax
    import jax.numpy as jnp
except ImportError as error:
    missing(error)
jax.config.update("jax_enable_x64", True)


def compiled(function, *arguments):
    begin = time.perf_counter()
    program = jax.jit(function).lower(*arguments).compile()
    seconds = time.perf_counter() - begin
    return (lambda: jax.block_until_ready(program(*arguments))), seconds


def quadratic(dimension, steps, rates, betas, seeds, rotated, precision):
    """SGD with hypergradient descent on 1/2 (x - x*)' H (x - x*), eigenvalues 1/i, noise of
    covariance H: every starting rate with every hyper-learning-rate, the noise shared by the runs of
    a seed."""
    real = jnp.float32 if precision == 32 else jnp.float64
    eigenvalues = (1 / jnp.arange(1, dimension + 1)).astype(real)
    root = jnp.sqrt(eigenvalues)
    keys = jax.random.split(jax.random.key(1), seeds)
    turn = jnp.linalg.qr(jax.random.normal(keys[0], (dimension, dimension)))[0].astype(real)
    hessian = (turn.T * eigenvalues) @ turn
    mixing = root[:, None] * turn
    start = jnp.ones(dimension, real)
    if rotated:
        start = start @ turn

    def sweep(key, alphas, hypers):
        def one_step(state, noise):
            # theta: rates x hypers x dimension
            theta, previous, alpha = state
            gradient = (theta @ hessian if rotated else theta * eigenvalues) + noise
            alpha = alpha + hypers[None, :] * jnp.sum(gradient * previous, -1)
            alpha = jnp.maximum(alpha, 0)
            return (theta - alpha[..., None] * gradient, gradient, alpha), None

        draws = jax.random.normal(key, (steps, dimension), real)
        noise = draws @ mixing if rotated else draws * root
        shape = (len(alphas), len(hypers))
        theta = jnp.broadcast_to(start, shape + (dimension,))
        alpha = jnp.broadcast_to(alphas[:, None], shape)
        end, _ = jax.lax.scan(one_step, (theta, jnp.zeros_like(theta), alpha), noise)
        theta = end[0]
        product = theta @ hessian if rotated else theta * eigenvalues
        return 0.5 * jnp.sum(theta * product, -1)

    alphas = jnp.logspace(-4, 0, rates).astype(real)
    hypers = jnp.logspace(-6, -1, betas).astype(real)
    return compiled(jax.vmap(sweep, (0, None, None)), keys, alphas, hypers)


def network(inputs, hidden, batch, examples, rates, steps, precision):
    """SGD on a tanh network with one output that learns another's, by minibatches of a finite set:
    every rate is one lane."""
    real = jnp.float32 if precision == 32 else jnp.float64
    keys = jax.random.split(jax.random.key(1), 4)

    def parameters(key):
        k = jax.random.split(key, 3)
        return (jax.random.normal(k[0], (hidden, inputs), real) / inputs**0.5,
                jax.random.normal(k[1], (hidden,), real) * 0.5,
                jax.random.normal(k[2], (hidden,), real) / hidden**0.5, jnp.zeros((), real))

    def output(p, x):
        return jnp.tanh(x @ p[0].T + p[1]) @ p[2] + p[3]

    x = jax.random.normal(keys[0], (examples, inputs), real)
    y = output(parameters(keys[1]), x)
    start = parameters(keys[2])
    per_epoch = examples // batch
    epochs = -(-steps // per_epoch)
    order = jax.vmap(lambda k: jax.random.permutation(k, examples))(
        jax.random.split(keys[3], epochs))
    order = order[:, :per_epoch * batch].reshape(-1, batch)[:steps]

    def loss(p, x, y):
        return 0.5 * jnp.mean((output(p, x) - y) ** 2)

    def run(rate, x, y, order):
        def one_step(p, rows):
            gradient = jax.grad(loss)(p, x[rows], y[rows])
            return jax.tree.map(lambda a, b: a - rate * b, p, gradient), None

        end, _ = jax.lax.scan(one_step, start, order)
        return loss(end, x, y)

    alphas = jnp.logspace(-3, 1, rates).astype(real)
    return compiled(jax.vmap(run, (0, None, None, None)), alphas, x, y, order)


serve({"quadratic": quadratic, "network": network}, "JAX", jax.__version__)
