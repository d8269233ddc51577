"""How large the page of 1,000 accounts is, what it costs to make, and how soon a browser has painted it.

Run it with `make bench`, or `python tests/bench/bench_map.py [ACCOUNTS]`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.bench_accounts import TOPOLOGY
from bench.bench_hcl import Measured, ratio, say
from map.browsing import NO_CHROMIUM, find_chromium, opened, started

PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def main() -> None:
    """Measure, and print."""
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    lines = "\n".join(f'  team-{n}: {{id: "{100_000_000_000 + n}"}}' for n in range(accounts))
    with tempfile.TemporaryDirectory() as name:
        topology = Path(name).resolve() / "topology.yaml"
        topology.write_text(TOPOLOGY.format(accounts=lines), encoding="utf-8")
        forebay = (sys.executable, "-m", "generator")
        sys.stdout.write(f"\nthe page of {accounts} accounts, two regions, eight caches\n")
        base = Measured(*forebay, "validate", "-t", str(topology))
        page = topology.with_name("map.html")
        written = ("--format", "mermaid", "--report", f"html={page}")
        made = Measured(*forebay, "show", "-t", str(topology), *written)
        say("show --format html", made, ratio(made, base, "validate", 3))
        size = page.stat().st_size / 1e6
        sys.stdout.write(f"{'size':34} {size:6.2f} MB   aim 5\n")
        if find_chromium() is None:
            sys.stdout.write(f"{NO_CHROMIUM}\n")
            return
        with started() as browser:
            times = []
            for _ in range(3):
                with opened(browser, page) as seen:
                    seen.page.wait_for_function(f"({PAINTED}) > 0")
                    times.append(seen.page.evaluate(PAINTED) / 1000)
        sys.stdout.write(f"{'first paint, best of three':34} {min(times):6.2f} s    aim 1\n")


if __name__ == "__main__":
    main()
