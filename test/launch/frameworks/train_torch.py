"""Data-parallel training with torch.distributed over Gloo, placed by RANK and WORLD_SIZE.

usage: train_torch.py STEPS SECONDS    SECONDS: pause after each step, so that a test has time to interfere
"""

import sys
import time

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

import contract

contract.listen()
dist.init_process_group("gloo")  # MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE
steps, pause = int(sys.argv[1]), float(sys.argv[2])
me, processes = dist.get_rank(), dist.get_world_size()
torch.manual_seed(7)
torch.set_num_threads(1)
model = DistributedDataParallel(
    torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
first = 0
if path := contract.resumed():
    kept = torch.load(path)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    first = kept["step"]
    print(f"resumes at {first}", flush=True)


def batch(step):
    """64 points of y = sin(3 x) and this process's share of them: the same for a step whenever it is run."""
    x = torch.rand((64, 1), generator=torch.Generator().manual_seed(step)) * 2 - 1
    share = slice(me * 64 // processes, (me + 1) * 64 // processes)
    return x[share], torch.sin(3 * x[share])


def write(path):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, path)


for step in range(first + 1, steps + 1):
    x, y = batch(step)
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()  # the gradients are averaged over the processes here
    optimizer.step()
    # The signal reaches the processes at different steps: they save at the first one at which any of them knows.
    asked = torch.tensor([int(contract.asked)])
    dist.all_reduce(asked)
    if asked.item() > 0:
        contract.asked = False
        if me == 0:
            contract.save(step, write)
    if me == 0 and step % 10 == 0:
        print(f"step {step} of {processes} processes", flush=True)
    time.sleep(pause)
mean = loss.detach()
dist.all_reduce(mean)
if me == 0:
    contract.report(loss=mean.item() / processes, first=first, processes=processes)
