"""What git tracks: nothing that leads out of the checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_no_link_is_tracked() -> None:
    """One that takes the place of an ignored folder has git delete that folder where it is pulled."""
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert len(listed) > 1000
    assert [line for line in listed if line.startswith("120000")] == []
