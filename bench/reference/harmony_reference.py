"""What harmonypy makes of places and batches: the peer of bench/harmony.ts, and the maker of the fixture `harmony-2`.

Needs `pip install harmonypy==2.1.0 pandas safetensors`.
Usage: python harmony_reference.py correct <places.f64> <batches.i32> <dimensions> <seed> <out.f64>
       python harmony_reference.py fixture <folder of the fixture `classical`> <folder of the fixture `harmony-2`>
The files hold raw little-endian numbers, cells in rows. One line of JSON answers.
"""

import json
import logging
import sys
import time
from pathlib import Path

import harmonypy
import numpy as np
import pandas as pd

logging.disable(logging.CRITICAL)


def harmonise(places, batches, seed, **options):
    cells = pd.DataFrame({"batch": batches.astype(str)})
    return harmonypy.run_harmony(places, cells, "batch", random_state=seed, verbose=False, ncores=1, **options)


def correct(places_file, batches_file, dimensions, seed, out):
    places = np.fromfile(places_file).reshape(-1, int(dimensions))
    started = time.perf_counter()
    run = harmonise(places, np.fromfile(batches_file, np.int32), int(seed))
    seconds = time.perf_counter() - started
    np.asarray(run.Z_corr, np.float64).tofile(out)
    print(json.dumps({"seconds": seconds, "iterations": len(run.kmeans_rounds)}))


def fixture(classical, folder):
    from safetensors.numpy import load_file, save_file

    stored = load_file(f"{classical}/tensors.safetensors")
    places = stored["pca/X_pca"][:, :15].astype(np.float64)
    seed = 1
    begun = harmonise(places, stored["batch"], seed, max_iter_harmony=0)
    once = harmonise(places, stored["batch"], seed, max_iter_harmony=1)
    run = harmonise(places, stored["batch"], seed)
    tensors = {
        "centroids": np.asarray(begun.Y, np.float64).T.copy(),
        "Z_corr_after_1": np.asarray(once.Z_corr, np.float64),
        "Z_corr": np.asarray(run.Z_corr, np.float64),
        "objective_kmeans": np.asarray(run.objective_kmeans, np.float64),
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    save_file(tensors, f"{folder}/tensors.safetensors")
    about = {
        "case": "harmony-2",
        "shows": "harmonypy 2 with its defaults on the first 15 columns of classical's pca/X_pca, from its first centroids",
        "made_with": {"harmonypy": "2.1.0", "numpy": np.__version__},
        "seed": seed,
        "iterations": len(run.kmeans_rounds),
        "notes": [
            "float32 inside; the order in which cells are assigned is random and cannot be given: with the same centroids "
            "two orders differ by about 1 % of the correction",
            "the objective is 2000 / cells times that of edition 1",
        ],
    }
    Path(folder, "case.json").write_text(json.dumps(about, indent=1) + "\n")
    print(json.dumps({"cells": len(places), "iterations": about["iterations"]}))


if __name__ == "__main__":
    {"correct": correct, "fixture": fixture}[sys.argv[1]](*sys.argv[2:])
