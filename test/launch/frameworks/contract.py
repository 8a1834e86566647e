"""The checkpoint contract and the result, as a training program keeps them: docs/user-guide.md, "Data" and "Results"."""

import json
import os
import signal

asked = False


def listen():
    """From now on the gang's signal asks for a checkpoint."""

    def note(number, frame):
        global asked
        asked = True

    signal.signal(signal.SIGUSR1, note)


def save(step, write):
    """`write` makes the file that it is given; only a whole checkpoint ever bears its name, and LATEST names only such."""
    folder = os.environ["CHECKPOINT_DIR"]
    name = f"step-{step:06d}"
    draft = os.path.join(folder, f"draft-{name}")
    write(draft)
    os.replace(draft, os.path.join(folder, name))
    pointer = os.path.join(folder, "draft-LATEST")
    with open(pointer, "w") as file:
        file.write(name + "\n")
    os.replace(pointer, os.path.join(folder, "LATEST"))
    print(f"saved {name}", flush=True)


def resumed():
    """Path of the checkpoint to go on from; None at a first start."""
    name = os.environ["RESUME_FROM"]
    return os.path.join(os.environ["CHECKPOINT_DIR"], name) if name else None


def report(loss, **figures):
    """The result: what the operator shows of it, and `figures` for the tests. A model that learned nothing is no success."""
    check = {"name": "loss", "value": loss, "tol": 0.2}
    with open(os.environ["COXSWAIN_TERMINATION_LOG"], "w") as file:
        json.dump({"schema": "1.0", "verified": loss <= check["tol"], "check": check, "loss": loss, **figures}, file)
