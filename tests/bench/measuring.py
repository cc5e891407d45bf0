"""How the bench measures: CPU of processes, the disk's flush time, medians, and rows of a table."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Row:
    """One line: what was measured, ours and the other's figure in `unit`, the goal, and how."""

    what: str
    ours: float
    unit: str
    goal: float | None = None
    other: float | None = None
    other_name: str = ""
    notes: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.other / self.ours if self.other and self.ours else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


def flush_ms(folder: Path, times: int = 60) -> float:
    """Median of writing 4 kB and flushing it to the disk, in ms: the least a durable commit can take."""
    path, taken = folder / "flush", []
    with path.open("wb") as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    path.unlink()
    return statistics.median(taken)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its living descendants, from /proc."""
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICK
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def own_cpu(function: Callable[[], object]) -> float:
    """CPU seconds of this process for one call."""
    began = time.process_time()
    function()
    return time.process_time() - began


def paired(ours: Callable[[], float], other: Callable[[], float], rounds: int = 3) -> tuple[float, float]:
    """Medians of alternated runs, so that a machine that drifts drifts for both."""
    first, second = [], []
    for _ in range(rounds):
        first.append(ours())
        second.append(other())
    return statistics.median(first), statistics.median(second)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | ours | beside it | ratio | goal |", "|---|---:|---|---:|---:|"]
    for row in rows:
        other = f"{row.other_name} {_short(row.other)} {row.unit}" if row.other is not None else row.other_name
        ratio = f"{row.ratio:.1f}×" if row.ratio else ""
        goal = f"{_short(row.goal)} {row.unit}" if row.goal is not None else ""
        lines.append(f"| {row.what} | {_short(row.ours)} {row.unit} | {other} | {ratio} | {goal} |")
        if row.notes:
            lines[-1] += f" <!-- {row.notes} -->"
    return "\n".join(lines)


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.0f}"
