"""Reading a topology is what every command begins with, so its start-up is watched."""

import subprocess
import sys

HEAVY = ("yaml", "jinja2", "hcl2", "botocore", "boto3", "jsonschema", "click", "difflib")


def test_importing_the_reader_imports_nothing_heavy() -> None:
    program = f"import sys, generator.topology; print([m for m in {HEAVY} if m in sys.modules])"

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
