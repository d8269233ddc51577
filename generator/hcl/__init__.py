"""Terraform and OpenTofu code: parsed, evaluated without running anything, read into an estate."""

from generator.hcl.reader import CodeReading, UnreadModule, read_code

__all__ = ["CodeReading", "UnreadModule", "read_code"]
