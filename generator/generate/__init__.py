"""Turns a topology into the files of its Terraform root modules."""

from generator.generate.places import MODULES_FOLDER
from generator.generate.tree import file_tree

__all__ = ["MODULES_FOLDER", "file_tree"]
