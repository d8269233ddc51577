"""Turns a topology into the files of its Terraform root modules."""

from generator.generate.places import HANDOVER_FOLDER, MODULES_FOLDER
from generator.generate.tree import file_tree

__all__ = ["HANDOVER_FOLDER", "MODULES_FOLDER", "file_tree"]
