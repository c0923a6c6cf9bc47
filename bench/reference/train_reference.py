"""The peer of bench/train.ts: training steps of the Python reference on given batches, one JSON command a line.

Needs the packages that embed_reference.py names. Usage: python train_reference.py <workload> <threads> <precision>,
precision float32 or bfloat16 (autocast). Commands: {"mode": "step", "batch": 0} | {"mode": "gemm"}
"""

import contextlib
import json
import os
import resource
import sys
import time

import numpy as np
import torch
from embed_reference import gemm_gflops, import_reference
from pretraining_reference import PretrainingModel, squared_error

ECS_WEIGHT = 10
DAR_WEIGHT = 1
DTYPES = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}


def read_workload(folder):
    workload = json.load(open(f"{folder}/workload.json"))

    def tensor(stored):
        data = np.fromfile(f"{folder}/{stored['file']}", DTYPES[stored["dtype"]]).reshape(stored["shape"])
        return torch.from_numpy(data.astype(np.int64) if stored["dtype"] == "int32" else data)

    workload["batches"] = [{name: tensor(stored) for name, stored in batch.items()} for batch in workload["batches"]]
    return workload


def make_model(folder, workload):
    if workload["recipe"] == "pretraining":
        return PretrainingModel(workload["vocabulary"]["reference"], workload["pad"], workload["dropout"])
    TransformerModel, load_pretrained = import_reference()
    integration = workload["recipe"] == "integration"
    model = TransformerModel(
        ntoken=workload["vocabulary"]["reference"], d_model=512, nhead=8, d_hid=512, nlayers=12, nlayers_cls=3,
        n_cls=1, vocab={"<pad>": workload["pad"]}, dropout=workload["dropout"], pad_token="<pad>", pad_value=-2,
        do_mvc=True, do_dab=integration, use_batch_labels=integration, num_batch_labels=2 if integration else None,
        domain_spec_batchnorm=integration, ecs_threshold=0.8, explicit_zero_prob=integration,
        use_fast_transformer=False,
    )  # fmt: skip
    weights = f"{folder}/model/best_model.pt"
    if os.path.exists(weights):
        load_pretrained(model, torch.load(weights, map_location="cpu"), verbose=False)
    return model


def pretraining_loss(model, batch):
    outputs = model(batch["knownGenes"], batch["knownValues"], batch["knownKeep"], batch["unknownGenes"])
    return sum(squared_error(output, batch["target"], batch["scored"]) for output in outputs)


def fine_tuning_loss(model, batch, integration):
    from scgpt.loss import criterion_neg_log_bernoulli, masked_mse_loss

    labels = {"batch_labels": batch["batch"]} if integration else {}
    output = model(
        batch["genes"], batch["values"], src_key_padding_mask=~batch["keep"], MVC=True, ECS=integration, **labels
    )
    target, masked = batch["target"], batch["masked"]
    loss = masked_mse_loss(output["mlm_output"], target, masked) + masked_mse_loss(output["mvc_output"], target, masked)
    if integration:
        loss = loss + criterion_neg_log_bernoulli(output["mlm_zero_probs"], target, masked)
        loss = loss + criterion_neg_log_bernoulli(output["mvc_zero_probs"], target, masked)
        loss = loss + ECS_WEIGHT * output["loss_ecs"]
        loss = loss + DAR_WEIGHT * torch.nn.functional.cross_entropy(output["dab_output"], batch["batch"])
    return loss


def main():
    folder, threads, precision = sys.argv[1:]
    torch.set_num_threads(int(threads))
    workload = read_workload(folder)
    recipe = workload["recipe"]
    with contextlib.redirect_stdout(sys.stderr):
        model = make_model(folder, workload).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-4)

    def step(batch):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            if recipe == "pretraining":
                loss = pretraining_loss(model, batch)
            else:
                loss = fine_tuning_loss(model, batch, integration=recipe == "integration")
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    print(json.dumps({"ready": 1, "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if command["mode"] == "gemm":
            print(json.dumps({"gflops": gemm_gflops()}), flush=True)
            continue
        start, cpu = time.perf_counter(), time.process_time()
        loss = step(workload["batches"][command["batch"]])
        answer = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "loss": loss}
        answer["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
