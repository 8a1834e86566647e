"""Data-parallel training with JAX on CPU: a batch is spread over the processes, and XLA sums the gradients (Gloo).

usage: train_jax.py STEPS SECONDS    SECONDS: pause after each step, so that a test has time to interfere
"""

import os
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

import contract

contract.listen()
# JAX takes the coordinator from JAX_COORDINATOR_ADDRESS by itself, the other two only as arguments.
jax.distributed.initialize(
    num_processes=int(os.environ["JAX_NUM_PROCESSES"]),
    process_id=int(os.environ["JAX_PROCESS_ID"]),
)
steps, pause = int(sys.argv[1]), float(sys.argv[2])
me, processes = jax.process_index(), jax.process_count()
mesh = Mesh(np.array(jax.devices()), ("data",))
spread = NamedSharding(mesh, PartitionSpec("data"))
everywhere = NamedSharding(mesh, PartitionSpec())


def batch(step):
    """64 points of y = sin(3 x) and this process's share of them: the same for a step whenever it is run."""
    x = np.random.default_rng(step).uniform(-1, 1, (64, 1)).astype(np.float32)
    share = slice(me * 64 // processes, (me + 1) * 64 // processes)
    return tuple(jax.make_array_from_process_local_data(spread, v[share]) for v in (x, np.sin(3 * x)))


def loss_of(weights, x, y):
    hidden = jnp.tanh(x @ weights["a"] + weights["b"])
    return jnp.mean((hidden @ weights["c"] - y) ** 2)


@jax.jit
def train(weights, x, y):
    loss, gradient = jax.value_and_grad(loss_of)(weights, x, y)
    return jax.tree.map(lambda w, g: w - 0.1 * g, weights, gradient), loss


rng = np.random.default_rng(7)
weights = {"a": rng.normal(size=(1, 32)), "b": np.zeros(32), "c": rng.normal(size=(32, 1)) / 6}
first = 0
if path := contract.resumed():
    with np.load(path) as kept:
        weights, first = {name: kept[name] for name in weights}, int(kept["step"])
    print(f"resumes at {first}", flush=True)
weights = jax.tree.map(lambda w: jax.device_put(np.asarray(w, np.float32), everywhere), weights)


def write(path):
    with open(path, "wb") as file:
        np.savez(file, step=step, **{name: np.asarray(w) for name, w in weights.items()})


for step in range(first + 1, steps + 1):
    weights, loss = train(weights, *batch(step))
    # The signal reaches the processes at different steps: they save at the first one at which any of them knows.
    if multihost_utils.process_allgather(np.array(contract.asked)).any():
        contract.asked = False
        if me == 0:
            contract.save(step, write)
    if me == 0 and step % 10 == 0:
        print(f"step {step} of {processes} processes", flush=True)
    time.sleep(pause)
if me == 0:
    contract.report(loss=float(loss), first=first, processes=processes)
