"""forebay's rules as checks that checkov loads (`--external-checks-dir`), as one Python file.

The file runs in checkov's own environment, which has no forebay to import: it starts the program once,
and tells of each block what forebay says of it.
"""

import json

from generator.rules.manuals import entries

_CHECKS = '''\
"""forebay's rules as checks of checkov; written by `forebay rules --checkov`.

    checkov --directory CODE --external-checks-dir FOLDER_OF_THIS_FILE

checkov wants an empty `__init__.py` beside it.

forebay is the program on PATH, or the one that FOREBAY names. FOREBAY_TOPOLOGY names a topology, by which
grants are judged as well; without it, only what needs none is looked at.
"""

import json
import os
import subprocess
import sys

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

RULES = @RULES@

def _folders():
    """The folders that checkov was told to look at."""
    found, words = [], sys.argv[1:]
    for number, word in enumerate(words):
        if word in ("-d", "--directory") and number + 1 < len(words):
            found.append(words[number + 1])
        elif word.startswith("--directory="):
            found.append(word.partition("=")[2])
    return [os.path.abspath(folder) for folder in found or ["."]]


def _results():
    """What forebay says of these folders; it is an error when it says nothing that can be read."""
    found = []
    topology = os.environ.get("FOREBAY_TOPOLOGY")
    judged_by = ["--topology", topology] if topology else ["--no-topology"]
    for folder in _folders():
        command = [os.environ.get("FOREBAY", "forebay"), "check", "--format", "json"]
        ran = subprocess.run([*command, *judged_by, "--code", folder], capture_output=True, text=True)
        try:
            document = json.loads(ran.stdout)
        except ValueError:
            raise SystemExit(f"forebay gave no answer: {ran.stderr.strip()[-500:]}")
        for result in document["results"]:
            place = result["location"]
            if result["severity"] == "info" or result["rule"] not in RULES:
                continue
            file = os.path.realpath(place["file"]) if place else ""
            found.append((result, file, place["line"] if place else 0))
    return found


RESULTS = _results()
TOLD = set()


def _tell_the_others():
    """Results that lie at no resource block, such as at a module call: checkov would not show them."""
    print(f"forebay: {len(RESULTS)} results, {len(TOLD)} of them at blocks", file=sys.stderr)
    for number, (result, file, line) in enumerate(RESULTS):
        if number not in TOLD:
            where = f"{file}:{line}" if file else "no file"
            print(f"forebay: {result['rule']} at {where}: {result['title']}", file=sys.stderr)


class ForebayCheck(BaseResourceCheck):
    """Whether forebay says something of a block by one of its rules."""

    def __init__(self, name, summary):
        identifier = "FOREBAY_" + name.upper().replace("-", "_")
        super().__init__(
            name=summary,
            id=identifier,
            categories=[CheckCategories.IAM],
            supported_resources=["aws_*"],
        )
        self.rule = name

    def scan_resource_conf(self, conf):
        """Fail where a result of the rule lies within the block."""
        file = self.entity_path.partition(":")[0]
        first, last = conf.get("__start_line__", 0), conf.get("__end_line__", 0)
        for number, (result, there, line) in enumerate(RESULTS):
            if result["rule"] == self.rule and there.endswith(file) and first <= line <= last:
                TOLD.add(number)
                self.details.append(result["message"])
                return CheckResult.FAILED
        # What forebay says nothing of is not said to be proved: ask `forebay check` for that.
        return CheckResult.UNKNOWN


CHECKS = [ForebayCheck(name, summary) for name, summary in RULES.items()]

import atexit  # noqa: E402

atexit.register(_tell_the_others)
'''


def checkov_checks() -> str:
    """The Python file with a check for each rule of `forebay check`."""
    rules = {
        entry.name: entry.manual.summary
        for entry in entries()
        if any(command.startswith("check") for command in entry.commands)
        and entry.name != "checkov"
    }
    return _CHECKS.replace("@RULES@", json.dumps(rules, indent=4))
