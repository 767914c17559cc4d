"""Step time of the benchmark's models in PyTorch on this machine: python3 bench/train/torch_step.py [--models 0.8M,24M] [--json FILE].

The same llama, batch and AdamW as bench/train/models.ts, written as one would in PyTorch: fused attention, fused AdamW.
Beside it the figure of `npm run bench:train -- --device cuda` or `webgpu` on the same machine can be read.
"""

import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

# vocabulary, width, layers, heads, key heads, hidden width, sequence length, tied, sequences a step
MODELS = {
    "0.8M": (256, 128, 4, 4, 2, 352, 128, True, 16),
    "24M": (4096, 512, 8, 8, 4, 1376, 256, True, 8),
    "124M": (32_000, 768, 14, 12, 4, 2048, 1024, True, 8),
    "1.1B": (32_000, 2048, 22, 32, 4, 5632, 2048, False, 2),
}


def rotate(x, cosine, sine):
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)


class Layer(nn.Module):
    def __init__(self, dim, heads, key_heads, hidden):
        super().__init__()
        self.heads, self.key_heads, self.width = heads, key_heads, dim // heads
        self.attention_norm, self.feed_norm = nn.RMSNorm(dim, 1e-5), nn.RMSNorm(dim, 1e-5)
        linear = lambda inputs, outputs: nn.Linear(inputs, outputs, bias=False)
        self.q, self.o = linear(dim, dim), linear(dim, dim)
        self.k, self.v = linear(dim, key_heads * self.width), linear(dim, key_heads * self.width)
        self.gate, self.up, self.down = linear(dim, hidden), linear(dim, hidden), linear(hidden, dim)

    def forward(self, x, cosine, sine):
        batch, length, dim = x.shape
        h = self.attention_norm(x)
        split = lambda value, heads: value.view(batch, length, heads, self.width).transpose(1, 2)
        q, k = (rotate(split(p(h), n), cosine, sine) for p, n in ((self.q, self.heads), (self.k, self.key_heads)))
        v = split(self.v(h), self.key_heads)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.o(mixed.transpose(1, 2).reshape(batch, length, dim))
        h = self.feed_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, vocab, dim, layers, heads, key_heads, hidden, length, tied):
        super().__init__()
        self.embedding = nn.Embedding(vocab, dim)
        self.layers = nn.ModuleList(Layer(dim, heads, key_heads, hidden) for _ in range(layers))
        self.norm, self.head = nn.RMSNorm(dim, 1e-5), nn.Linear(dim, vocab, bias=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)
        if tied:
            self.head.weight = self.embedding.weight
        width = dim // heads
        angles = torch.outer(torch.arange(length), 10_000.0 ** (-torch.arange(0, width, 2) / width))
        self.register_buffer("cosine", angles.cos())
        self.register_buffer("sine", angles.sin())

    def forward(self, ids):
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, self.cosine.to(x.dtype), self.sine.to(x.dtype))
        return self.head(self.norm(x))


def time_steps(name, mode, device, steps):
    *extents, batch = MODELS[name]
    vocab, length = extents[0], extents[6]
    torch.manual_seed(0)
    torch.set_float32_matmul_precision("highest" if mode == "fp32" else "high")
    model = Llama(*extents).to(device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=device == "cuda")
    tokens = torch.randint(vocab, (batch, length + 1), device=device)
    seconds = []
    for step in range(steps + 5):
        start = time.perf_counter()
        with torch.autocast(device, dtype=torch.bfloat16, enabled=mode == "bf16"):
            logits = model(tokens[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1).float(), tokens[:, 1:].flatten())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        loss.item()
        if step >= 5:
            seconds.append(time.perf_counter() - start)
    return {
        "name": name,
        "mode": mode,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "bestStepMs": min(seconds) * 1000,
        "medianStepMs": statistics.median(seconds) * 1000,
        "tokensPerSecond": batch * length / min(seconds),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default="0.8M,24M")
    parser.add_argument("--modes", default="fp32,tf32,bf16")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--json")
    given = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    results = []
    for name in given.models.split(","):
        for mode in given.modes.split(","):
            results.append(time_steps(name, mode, device, given.steps))
            print("{name:6} {mode:5} best {bestStepMs:.1f} ms, middle {medianStepMs:.1f} ms".format(**results[-1]), flush=True)
    if given.json:
        with open(given.json, "w") as file:
            json.dump({"torch": torch.__version__, "device": device, "models": results}, file, indent=2)


if __name__ == "__main__":
    main()
