"""The peer of bench/embed.ts: the Python reference's encoder on tokens it is given, one JSON command a line.

Needs `pip install torch==2.13.0 numpy` and `pip install scgpt==0.2.4 --no-deps`; packages the encoder never
calls (torchtext, IPython, datasets, ...) may be absent. Usage: python embed_reference.py <model-dir> <tokens-dir>
Commands: {"mode": "as-called" | "general-path" | "general-bf16" | "sorted" | "sorted-bf16" | "gemm", "batch": 64}
Answers: {"seconds": ..., "rss": bytes} and, where the command says "save": path, the cls rows as float32.
"""

import contextlib
import json
import resource
import sys
import time
import types
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")


class Absent(types.ModuleType):
    """Stands in for a package that importing the reference asks for and encoding does not use."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def import_reference():
    while True:
        try:
            from scgpt.model.model import TransformerModel
            from scgpt.utils import load_pretrained

            return TransformerModel, load_pretrained
        except ModuleNotFoundError as error:
            if error.name.split(".")[0] in ("scgpt", "torch", "numpy"):
                raise
            stand_in = Absent(error.name)
            stand_in.__path__ = []
            sys.modules[error.name] = stand_in
            for name in [name for name in sys.modules if name.startswith("scgpt")]:
                del sys.modules[name]


def load_model(folder):
    TransformerModel, load_pretrained = import_reference()
    args = json.load(open(f"{folder}/args.json"))
    vocab = json.load(open(f"{folder}/vocab.json"))
    model = TransformerModel(
        ntoken=len(vocab), d_model=args["embsize"], nhead=args["nheads"], d_hid=args["d_hid"],
        nlayers=args["nlayers"], nlayers_cls=args["n_layers_cls"], n_cls=1, vocab=vocab,
        dropout=args["dropout"], pad_token=args["pad_token"], pad_value=args["pad_value"],
        do_mvc=True, use_fast_transformer=False,
    )  # fmt: skip
    load_pretrained(model, torch.load(f"{folder}/best_model.pt", map_location="cpu"), verbose=False)
    return model.eval(), vocab[args["pad_token"]], args["pad_value"]


def read_cells(folder):
    lengths = np.fromfile(f"{folder}/lengths.i32", np.int32)
    genes = np.split(np.fromfile(f"{folder}/genes.i32", np.int32), np.cumsum(lengths)[:-1])
    values = np.split(np.fromfile(f"{folder}/values.f32", np.float32), np.cumsum(lengths)[:-1])
    return genes, values


def encode(model, pad_id, pad_value, genes, values, order, batch):
    width = model.encoder.embedding.weight.shape[1]
    result = np.zeros((len(genes), width), np.float32)
    for start in range(0, len(order), batch):
        cells = order[start : start + batch]
        longest = max(len(genes[cell]) for cell in cells)
        ids = torch.full((len(cells), longest), pad_id, dtype=torch.long)
        bins = torch.full((len(cells), longest), float(pad_value))
        for row, cell in enumerate(cells):
            ids[row, : len(genes[cell])] = torch.from_numpy(genes[cell].astype(np.int64))
            bins[row, : len(values[cell])] = torch.from_numpy(values[cell])
        output = model._encode(ids, bins, src_key_padding_mask=ids.eq(pad_id))
        result[cells] = output[:, 0, :].float().numpy()
    return result


def gemm_gflops():
    a, b = torch.randn(4096, 512), torch.randn(512, 512)
    best = min(timed(lambda: a @ b) for _ in range(20))
    return 2 * 4096 * 512 * 512 / best / 1e9


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main():
    torch.set_num_threads(int(sys.argv[3]) if len(sys.argv) > 3 else 2)
    started = time.perf_counter()
    model, pad_id, pad_value = load_model(sys.argv[1])
    genes, values = read_cells(sys.argv[2])
    print(json.dumps({"ready": time.perf_counter() - started, "torch": torch.__version__}), flush=True)
    in_file_order = np.arange(len(genes))
    by_length = np.argsort([len(cell) for cell in genes], kind="stable")
    for line in sys.stdin:
        command = json.loads(line)
        mode = command["mode"]
        if mode == "gemm":
            print(json.dumps({"gflops": gemm_gflops()}), flush=True)
            continue
        torch.backends.mha.set_fastpath_enabled(mode == "as-called")
        order = by_length if mode.startswith("sorted") else in_file_order
        autocast = torch.autocast("cpu", dtype=torch.bfloat16) if mode.endswith("bf16") else contextlib.nullcontext()
        with torch.no_grad(), autocast:
            start = time.perf_counter()
            rows = encode(model, pad_id, pad_value, genes, values, order, command["batch"])
            seconds = time.perf_counter() - start
        if "save" in command:
            rows.tofile(command["save"])
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "rss": rss}), flush=True)


if __name__ == "__main__":
    main()
