"""Terraform's functions, as far as they can be computed without Terraform: a module for each family."""
