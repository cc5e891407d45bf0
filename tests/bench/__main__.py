"""`make bench`: the rows of the product's table, each beside its floor or peer in the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from pathlib import Path

from tests.bench import badges, scanner, summaries, swaps
from tests.bench.measuring import Row, flush_ms, table
from tests.databases import PostgresTemplates

README = Path(__file__).resolve().parent.parent.parent / "README.md"
# Measured on another day, with the software named; printed so that a reader has a scale, not as a comparison.
STORED = "pretix's check-in redeem, measured once on a like machine: 26.6 ms on PostgreSQL + Redis, 44 ms on SQLite"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the rows here, to compare two commits")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="eventnet-bench-"))
    before = flush_ms(folder)
    rows: list[Row] = [
        badges.measure_symbol(), badges.measure_pdf("a4-sheet", with_peer=True),
        badges.measure_pdf("single", with_peer=False),
        swaps.measure(folder / "swaps", f"sqlite:///{folder}/swaps.sqlite3", "SQLite"),
        summaries.measure(folder / "summaries", f"sqlite:///{folder}/summaries.sqlite3", "SQLite"),
    ]
    with PostgresTemplates(os.environ.get("EVENTNET_TEST_PG_URL"), folder) as templates:
        rows.insert(4, swaps.measure(folder / "swaps-pg", templates.new_database(), "PostgreSQL"))
        rows.append(summaries.measure(folder / "summaries-pg", templates.new_database(), "PostgreSQL"))
    rows += scanner.measure(folder / "scanner")
    after = flush_ms(folder)
    text = f"{table(rows)}\n\n{_remarks(rows, before, after)}"
    print(text)
    if options.json:
        options.json.write_text(json.dumps([row.as_json() for row in rows], indent=2))
    if options.readme:
        _into_readme(text)


def _remarks(rows: list[Row], before: float, after: float) -> str:
    lines = [
        f"CPU time of the processes concerned; {os.cpu_count()} cores, Python {platform.python_version()}. "
        f"One flush of the disk took {before:.2f} ms before and {after:.2f} ms after the run."]
    for row in rows:
        if "p99_ms" in row.more:
            lines.append(
                f"{row.what.partition('(')[0].strip().capitalize()}, {row.more['connections']} connections: p50 "
                f"{row.more['p50_ms']:.0f} ms, p99 {row.more['p99_ms']:.0f} ms (goal {row.more['p99_goal_ms']:.0f}), "
                f"floor's p99 {row.more['floor_p99_ms']:.0f} ms; {row.more['swaps']:,} swaps, none failed.")
    lines.append(f"Stored, not of this run: {STORED}.")
    return "  \n".join(lines)


def _into_readme(text: str) -> None:
    page = README.read_text("utf-8")
    start, end = "<!-- bench -->", "<!-- /bench -->"
    head, _, rest = page.partition(start)
    _, _, tail = rest.partition(end)
    README.write_text(f"{head}{start}\n{text}\n{end}{tail}", "utf-8")


if __name__ == "__main__":
    main()
