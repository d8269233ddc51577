"""Terragrunt's configuration: each folder that it runs in, as the root module that it makes of it."""

from generator.hcl.terragrunt.units import Unit, read_units

__all__ = ["Unit", "read_units"]
