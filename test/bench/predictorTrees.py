"""Gradient boosting of another house on the same rows: python3 predictorTrees.py FOLDER WIDTH, figures on stdout."""
import json
import sys
import time

import numpy
from sklearn.ensemble import HistGradientBoostingRegressor

LEVELS = [0.1, 0.5, 0.75, 0.9, 0.95]

folder, width = sys.argv[1], int(sys.argv[2])


def read(name):
    return numpy.fromfile(f"{folder}/{name}", dtype="<f8")


rows, targets = read("learned.rows").reshape(-1, width), read("learned.targets")
held, truth = read("held.rows").reshape(-1, width), read("held.targets")

began = time.process_time()
models = [
    HistGradientBoostingRegressor(
        loss="quantile", quantile=level, max_iter=300, max_leaf_nodes=31, learning_rate=0.06,
        min_samples_leaf=20, early_stopping=False, random_state=1,
    ).fit(rows, targets)
    for level in LEVELS
]
figures = {"Refit20000CpuSeconds": time.process_time() - began}
for batch in (1, 64, 10000):
    some = numpy.resize(held, (batch, width))
    times = []
    for _ in range(5 if batch > 1000 else 50):
        start = time.perf_counter()
        for model in models:
            model.predict(some)
        times.append(time.perf_counter() - start)
    figures[f"Batch{batch}Ms"] = 1000 * float(numpy.median(times))
figures["HeldOutMale"] = float(numpy.mean(numpy.abs(models[1].predict(held) - truth)) / numpy.log(10))
figures["HeldOutCoverage90"] = float(numpy.mean(truth <= models[3].predict(held)))
print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
