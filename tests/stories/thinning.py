"""Sensed proximity thinned to scans: longer contacts with higher probability, about a fifth of the pairs."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from pathlib import Path


def scans(path: Path, share: float = 0.2, seed: int = 11) -> list[tuple[int, int, int]]:
    """Rows (t, i, j) of a "t i j" file with 20 s contacts, one a chosen pair at its first contact.

    P(scan) has odds proportional to the pair's time together, scaled so that `share` of the pairs scan
    (Smieszek et al. 2016: people report few short contacts and nearly all long ones).
    """
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    rows = [tuple(map(int, line.split()[:3])) for line in text.splitlines() if line.strip()]
    together: Counter[tuple[int, int]] = Counter()
    first: dict[tuple[int, int], int] = {}
    for t, i, j in rows:
        pair = (min(i, j), max(i, j))
        together[pair] += 20
        first.setdefault(pair, t)
    low, high = 1e-6, 1.0
    for _ in range(60):
        middle = (low * high) ** 0.5
        mean = sum(middle * s / (1 + middle * s) for s in together.values()) / len(together)
        low, high = (middle, high) if mean < share else (low, middle)
    dice = random.Random(seed)
    chosen = [pair for pair, s in sorted(together.items()) if dice.random() < low * s / (1 + low * s)]
    return sorted((first[i, j], i, j) if dice.random() < 0.5 else (first[i, j], j, i) for i, j in chosen)
