"""Trains the low-rank adapter of the semantic encoder and the heads that read its
sentence vector. See README.md beside this file.

The published weights stay as they are; each of the four products (query-key-value,
gathering, widening, narrowing) of the upper layers gets a correction of low rank,
y = W x + b + B (A x), after Hu et al. 2021, "LoRA". What the lower layers make of a
text never changes, so it is worked out once. Several tasks share the encoder, each
with a linear head over the unit mean vector. Deterministic for one number of
threads; goes on from its last checkpoint when it was stopped.
"""

import argparse
import csv
import hashlib
import json
import math
import os
import random
import struct
import subprocess
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

DIM, FEED, LAYERS, HEADS, BLOCK = 384, 1536, 12, 12, 32
# Layers from this one on are adapted.
FIRST = 6
RANK = 16
SEED = 20261122
# The head reads the unit vector times this: a softmax over cosines needs room.
HEAD_SCALE = 16.0
# What a text of everyday talk counts as an example of no attack.
EVERYDAY = 0.15
# Triples of questions a step, what a cosine is divided by there, and how much
# telling them apart counts beside the heads.
TRIPLES, COLD, TOLD_APART = 24, 0.05, 0.5
PRODUCTS = [("attention", ["q", "k", "v"], DIM, 3 * DIM), ("gathered", ["ao"], DIM, DIM),
            ("widen", ["fi"], DIM, FEED), ("narrow", ["fo"], FEED, DIM)]
MAGIC = b"TLRA0001"


# ---- the published weights -------------------------------------------------

def published(path):
    """Tensors by name out of the package's file (magic E5S1, 4-bit blocks)."""
    data = open(path, "rb").read()
    at = 4

    def read(form):
        nonlocal at
        value = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return value[0] if len(value) == 1 else value

    assert data[:4] == b"E5S1" and read("I") == 1
    assert [read("i") for _ in range(4)] == [DIM, LAYERS, HEADS, FEED]
    rows, _, _ = [read("i") for _ in range(3)]
    read("f"), read("i")
    pieces = read("i")
    [read("i") for _ in range(4)]
    text = read("Q")
    at += 4 * (pieces + 1) + 4 * pieces + text
    read("i")
    foldings = read("I")
    at += foldings
    places = {}
    for _ in range(read("i")):
        length = read("H")
        name = data[at:at + length].decode()
        at += length
        read("B")
        read("I")
        places[name] = (read("Q"), read("Q"))

    def tensor(name, *shape):
        offset, size = places[name]
        count = math.prod(shape)
        if size == 4 * count:
            return torch.from_numpy(np.frombuffer(data, "<f4", count, offset).reshape(shape).copy())
        blocks = np.frombuffer(data, np.uint8, count // BLOCK * 18, offset).reshape(-1, 18)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        packed = blocks[:, 2:]
        values = np.concatenate([packed & 15, packed >> 4], 1).astype(np.float32) - 8
        return torch.from_numpy((values * scale).reshape(shape))

    return tensor, rows


class Product(torch.nn.Module):
    """A published product with its correction."""

    def __init__(self, tensor, layer, parts, inputs, outputs):
        super().__init__()
        self.adapted = layer >= FIRST
        each = outputs // len(parts)
        weight = torch.cat([tensor(f"l{layer}.{part}.w", each, inputs) for part in parts])
        bias = torch.cat([tensor(f"l{layer}.{part}.b", each) for part in parts])
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        if self.adapted:
            self.down = torch.nn.Parameter(torch.randn(RANK, inputs) / math.sqrt(inputs))
            self.up = torch.nn.Parameter(torch.zeros(outputs, RANK))

    def forward(self, x):
        plain = F.linear(x, self.weight, self.bias)
        return plain + F.linear(F.linear(x, self.down), self.up) if self.adapted else plain


class Encoder(torch.nn.Module):
    def __init__(self, path):
        super().__init__()
        tensor, rows = published(path)
        keep = lambda name, value: self.register_buffer(name, value, persistent=False)
        keep("table", tensor("emb.word", rows, DIM).half())
        keep("position", tensor("emb.pos", 512, DIM) + tensor("emb.type", 2, DIM)[0])
        keep("gain", tensor("emb.ln.w", DIM))
        keep("shift", tensor("emb.ln.b", DIM))
        self.products = torch.nn.ModuleList()
        for layer in range(LAYERS):
            for name, parts, inputs, outputs in PRODUCTS:
                self.products.append(Product(tensor, layer, parts, inputs, outputs))
            for norm in ("aln", "oln"):
                keep(f"gain_{layer}_{norm}", tensor(f"l{layer}.{norm}.w", DIM))
                keep(f"shift_{layer}_{norm}", tensor(f"l{layer}.{norm}.b", DIM))

    def norm(self, x, layer, name):
        return F.layer_norm(x, (DIM,), getattr(self, f"gain_{layer}_{name}"), getattr(self, f"shift_{layer}_{name}"), 1e-12)

    @torch.no_grad()
    def lower(self, ids, mask):
        """What the layers that are not adapted make of a text."""
        x = self.table[ids].float() + self.position[:ids.shape[1]]
        x = F.layer_norm(x, (DIM,), self.gain, self.shift, 1e-12)
        return self.layers(x, mask, range(FIRST), 0.0)

    def upper(self, x, mask, dropout=0.0):
        """The unit vector of each text out of what [lower] made of it."""
        x = self.layers(x, mask, range(FIRST, LAYERS), dropout)
        x = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(x, dim=-1)

    def layers(self, x, mask, which, dropout):
        batch, length, _ = x.shape
        hide = (1.0 - mask)[:, None, None, :] * -1e4
        for layer in which:
            attention, gathered, widen, narrow = self.products[4 * layer:4 * layer + 4]
            q, k, v = attention(x).view(batch, length, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(DIM // HEADS) + hide, -1)
            mixed = (weights @ v).transpose(1, 2).reshape(batch, length, DIM)
            x = self.norm(x + F.dropout(gathered(mixed), dropout, self.training), layer, "aln")
            x = self.norm(x + F.dropout(narrow(F.gelu(widen(x))), dropout, self.training), layer, "oln")
        return x


# ---- texts -----------------------------------------------------------------

def held_out(text):
    """One text in ten, by its own digest: the same ones in every program."""
    return hashlib.sha256(text.encode()).digest()[0] < 26


def corpus(root):
    """Tasks: name, labels, rows of (text, label, weight)."""
    folder = os.path.join(root, "corpus")
    rows = []
    for name in sorted(os.listdir(os.path.join(folder, "intents"))):
        if not name.endswith(".txt"):
            continue
        label = name[:-4]
        for line in open(os.path.join(folder, "intents", name), encoding="utf8").read().splitlines():
            text = line.split("\t", 1)[1]
            rows.append((text, "-" if label == "SYS_OOD" else label, 0.5 if label == "SYS_OOD" else 1.0))
    for name in sorted(os.listdir(os.path.join(folder, "oos"))):
        if name.endswith(".csv"):
            rows += [(row["text"], "-", 0.5) for row in csv.DictReader(open(os.path.join(folder, "oos", name), encoding="utf8"))]
    tasks = [("intents", sorted({label for _, label, _ in rows} - {"-"}) + ["-"], rows)]
    emotions = list(csv.DictReader(open(os.path.join(folder, "emotion", "emotion.csv"), encoding="utf8")))
    tasks.append(("emotion", sorted({row["emotion"] for row in emotions}), [(row["text"], row["emotion"], 1.0) for row in emotions]))
    tasks.append(("intensity", ["0", "1", "2", "3"], [(row["text"], row["intensity"], 0.5) for row in emotions]))
    guards = []
    for name in sorted(os.listdir(os.path.join(folder, "guard"))):
        if name.endswith(".csv"):
            guards += csv.DictReader(open(os.path.join(folder, "guard", name), encoding="utf8"))
    # Everyday talk is no attack; it is many, so each counts little. What is labelled wins.
    everyday = [(text, "benign", EVERYDAY) for text, _, _ in rows] + [(row["text"], "benign", EVERYDAY) for row in emotions]
    tasks.append(("guard", ["attack", "benign"], everyday + [(row["text"], row["label"], 1.0) for row in guards]))
    return tasks


def triples(root):
    """Questions, each with one that asks the same and one that only looks alike."""
    folder = os.path.join(root, "corpus", "pairs")
    out = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".tsv"):
            out += [tuple(line.split("\t")) for line in open(os.path.join(folder, name), encoding="utf8").read().splitlines()]
    assert all(len(triple) == 3 for triple in out)
    return out


def clinc(folder):
    sets = json.load(open(os.path.join(folder, "data_full.json"), encoding="utf8"))
    rows = [(text, label, 0.5) for text, label in sets["train"] + sets["oos_train"]]
    return ("clinc150", sorted({label for _, label, _ in rows}), rows)


def pieces(texts, command):
    """Piece numbers of each text, by the program that also serves customers."""
    clean = [" ".join(text.split()) for text in texts]
    out = subprocess.run(command, input="\n".join(clean) + "\n", text=True, stdout=subprocess.PIPE, check=True).stdout
    ids = [json.loads(line) for line in out.splitlines()]
    assert len(ids) == len(texts)
    return ids


# ---- training --------------------------------------------------------------

def batches(order, lengths, size, rng):
    """Texts of like length together, so that little is padded."""
    order = list(order)
    rng.shuffle(order)
    out = []
    for start in range(0, len(order), size * 32):
        part = sorted(order[start:start + size * 32], key=lambda i: lengths[i])
        out += [part[i:i + size] for i in range(0, len(part), size)]
    rng.shuffle(out)
    return out


def padded(rows):
    """Rows of one width, and 1 where there is something."""
    mask = torch.zeros(len(rows), max(map(len, rows)))
    for n, row in enumerate(rows):
        mask[n, :len(row)] = 1
    return torch.nn.utils.rnn.pad_sequence([torch.as_tensor(row) for row in rows], batch_first=True), mask


def lower_all(encoder, ids, wanted, longest, device):
    """What the lower layers make of the wanted texts, as half floats, by the texts' numbers."""
    order = sorted(wanted, key=lambda i: len(ids[i]))
    out = [None] * len(ids)
    for start in range(0, len(order), 64):
        which = order[start:start + 64]
        table, mask = padded([ids[i][:longest] for i in which])
        made = encoder.lower(table.to(device), mask.to(device)).cpu().half()
        for n, i in enumerate(which):
            out[i] = made[n, :min(len(ids[i]), longest)].clone()
        if start % 3200 == 0:
            print(f"lower layers: {start} of {len(order)} texts", file=sys.stderr, flush=True)
    return out


def apart(vectors):
    """How badly questions find those that ask the same, among all that the batch holds: first the
    questions, then the same in other words, then those that only look alike. In-batch negatives
    after van den Oord et al. 2018."""
    asked, same, other = vectors.chunk(3)
    right = torch.arange(len(asked), device=vectors.device)
    there = F.cross_entropy(asked @ torch.cat([same, other]).T / COLD, right)
    back = F.cross_entropy(same @ torch.cat([asked, other]).T / COLD, right)
    return (there + back) / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    parser.add_argument("--model", required=True, help="e5-small-q4.bin, as `teller models fetch` left it")
    parser.add_argument("--pieces", required=True, help="the built example `pieces` of teller-understand")
    parser.add_argument("--clinc", help="folder with data_full.json of CLINC150 (CC BY 3.0)")
    parser.add_argument("--work", required=True, help="folder for the checkpoint and the vectors")
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--longest", type=int, default=64, help="pieces of a text that are trained on")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", default=here)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    os.makedirs(args.work, exist_ok=True)

    tasks = corpus(root) + ([clinc(args.clinc)] if args.clinc else [])
    asked = triples(root)
    texts = sorted({text for _, _, rows in tasks for text, _, _ in rows} | {text for triple in asked for text in triple})
    number = {text: n for n, text in enumerate(texts)}
    ids = pieces(texts, [args.pieces])
    lengths = [min(len(row), args.longest) for row in ids]
    targets = {}
    for name, labels, rows in tasks:
        at = {label: n for n, label in enumerate(labels)}
        label = torch.full((len(texts),), -1, dtype=torch.long)
        weight = torch.zeros(len(texts))
        for text, of, share in rows:
            label[number[text]], weight[number[text]] = at[of], share
        targets[name] = (label, weight)
    labelled = {number[text] for _, _, rows in tasks for text, _, _ in rows}
    held = [n for n in sorted(labelled) if held_out(texts[n])]
    train = [n for n in sorted(labelled) if not held_out(texts[n])]
    ours = {number[text] for name, _, rows in tasks if name != "clinc150" for text, _, _ in rows}
    asked_held = [tuple(number[text] for text in triple) for triple in asked if held_out(triple[0])]
    asked = [tuple(number[text] for text in triple) for triple in asked if not held_out(triple[0])]
    held = [n for n in held if n in ours]
    # Other people's sentences are many: a fifth of them each time round.
    strange = [n for n in train if n not in ours]
    own = [n for n in train if n in ours]
    print(f"{len(own)} texts of ours, {len(strange)} others, {len(held)} held out", file=sys.stderr)

    encoder = Encoder(args.model).to(device)
    heads = torch.nn.ModuleDict({name: torch.nn.Linear(DIM, len(labels)) for name, labels, _ in tasks}).to(device)
    for head in heads.values():
        torch.nn.init.normal_(head.weight, std=0.5 / math.sqrt(DIM))
        torch.nn.init.zeros_(head.bias)
    matrices = [p for p in encoder.parameters()]
    optimiser = torch.optim.AdamW([{"params": matrices, "lr": args.rate, "weight_decay": 0.01},
                                   {"params": heads.parameters(), "lr": 5 * args.rate, "weight_decay": 0.01}])
    rng = random.Random(SEED)
    plan = []
    for epoch in range(math.ceil(args.epochs)):
        some = rng.sample(strange, len(strange) // 5) if strange else []
        # A step is texts with labels, or triples of questions; both kinds in turn by chance.
        steps = batches(own + some, lengths, args.batch, rng)
        order = rng.sample(asked, len(asked))
        steps += [sum(zip(*order[start:start + TRIPLES]), ()) for start in range(0, len(order), TRIPLES)]
        rng.shuffle(steps)
        plan += steps
    plan = plan[:int(len(plan) * args.epochs / math.ceil(args.epochs))]

    checkpoint = os.path.join(args.work, "checkpoint.pt")
    start = 0
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint, map_location=device)
        encoder.load_state_dict(saved["encoder"]), heads.load_state_dict(saved["heads"])
        optimiser.load_state_dict(saved["optimiser"])
        start = saved["step"]
        torch.set_rng_state(saved["rng"])
    wanted = set(held).union(*plan, *asked_held)
    lower = lower_all(encoder, ids, wanted, args.longest, device)
    began, running = time.time(), None
    encoder.train()
    for step in range(start, len(plan)):
        warm = min(1.0, (step + 1) / 60)
        factor = warm * 0.5 * (1 + math.cos(math.pi * step / len(plan)))
        for group, rate in zip(optimiser.param_groups, (args.rate, 5 * args.rate)):
            group["lr"] = rate * factor
        which = plan[step]
        made, mask = padded([lower[i] for i in which])
        vectors = encoder.upper(made.float().to(device), mask.to(device), dropout=0.1)
        loss = TOLD_APART * apart(vectors) if isinstance(which, tuple) else 0.0
        vectors = vectors * HEAD_SCALE
        for name, (label, weight) in targets.items():
            mine = [n for n, i in enumerate(which) if label[i] >= 0]
            if mine:
                of = torch.tensor([which[n] for n in mine])
                each = F.cross_entropy(heads[name](vectors[mine]), label[of].to(device), reduction="none", label_smoothing=0.05)
                loss = loss + (each * weight[of].to(device)).sum() / len(which)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(matrices, 1.0)
        optimiser.step()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 25 == 0:
            left = (time.time() - began) / (step + 1 - start) * (len(plan) - step - 1)
            print(f"step {step}/{len(plan)} loss {running:.3f}, {left / 60:.0f} min left", file=sys.stderr, flush=True)
        if step % 100 == 99:
            torch.save({"encoder": encoder.state_dict(), "heads": heads.state_dict(), "optimiser": optimiser.state_dict(),
                        "step": step + 1, "rng": torch.get_rng_state()}, checkpoint + ".new")
            os.replace(checkpoint + ".new", checkpoint)
    spent = time.time() - began

    encoder.eval()
    report = [f"seed {SEED}, rank {RANK}, epochs {args.epochs}, batch {args.batch}, rate {args.rate}, {len(plan)} steps"
              f" ({len(plan) - start} in this run, {spent / 60:.0f} min on {args.threads} threads), {len(own)} texts of ours"
              f", {len(strange)} of CLINC150, {len(asked)} triples of questions, {len(held)} held out"]
    with torch.no_grad():
        vectors = []
        for start in range(0, len(held), 64):
            made, mask = padded([lower[i] for i in held[start:start + 64]])
            vectors.append(encoder.upper(made.float().to(device), mask.to(device)).cpu())
        vectors = torch.cat(vectors)
        for name, labels, _ in tasks:
            label, _ = targets[name]
            mine = [n for n, i in enumerate(held) if label[i] >= 0]
            if not mine:
                continue
            values = heads[name].cpu()(vectors[mine] * HEAD_SCALE)
            right = label[[held[n] for n in mine]]
            scored = values[:, :-1].argmax(1)[right < len(labels) - 1] if name == "intents" else values.argmax(1)
            wanted = right[right < len(labels) - 1] if name == "intents" else right
            report.append(f"held out, {name}: right {(scored == wanted).float().mean():.4f} of {len(wanted)}")
    if asked_held:
        with torch.no_grad():
            made, mask = padded([lower[i] for i in sum(zip(*asked_held), ())])
            first, same, other = encoder.upper(made.float().to(device), mask.to(device)).cpu().chunk(3)
        right = (first * same).sum(1) > (first * other).sum(1)
        report.append(f"held out, questions: the same nearer than the look-alike {right.float().mean():.4f} of {len(right)}")
    save(os.path.join(args.out, "adapter.bin"), encoder, heads, tasks)
    report.append(f"adapter.bin: {os.path.getsize(os.path.join(args.out, 'adapter.bin'))} bytes")
    open(os.path.join(args.out, "report.txt"), "w").write("\n".join(report) + "\n")
    print("\n".join(report), file=sys.stderr)


def save(path, encoder, heads, tasks):
    """Magic, first adapted layer, rank; for each adapted layer and product `down` and `up` (half floats, row by
    row); the number of heads; for each its name, labels, weights times the scale
    of the vector, offsets. Little-endian; a text is its length as u16 and UTF-8."""
    text = lambda value: struct.pack("<H", len(value.encode())) + value.encode()
    half = lambda value: value.detach().cpu().numpy().astype("<f2").tobytes()
    out = bytearray(MAGIC + struct.pack("<II", FIRST, RANK))
    for product in encoder.products[4 * FIRST:]:
        out += half(product.down) + half(product.up)
    kept = [(name, labels) for name, labels, _ in tasks if name != "clinc150"]
    out += struct.pack("<I", len(kept))
    for name, labels in kept:
        out += text(name) + struct.pack("<I", len(labels)) + b"".join(map(text, labels))
        out += half(heads[name].weight * HEAD_SCALE) + half(heads[name].bias)
    open(path + ".new", "wb").write(bytes(out))
    os.replace(path + ".new", path)


if __name__ == "__main__":
    main()
