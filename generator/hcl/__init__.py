"""Terraform and OpenTofu code: parsed, evaluated without running anything, read into an estate."""

from generator.hcl.reader import CodeReading, read_code, unchanged_digest
from generator.hcl.settings import Engine, ReadingSettings
from generator.model.reading import UnreadModule

__all__ = [
    "CodeReading",
    "Engine",
    "ReadingSettings",
    "UnreadModule",
    "read_code",
    "unchanged_digest",
]
