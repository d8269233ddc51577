"""Turns a topology into the files of its Terraform root modules."""

from generator.generate.adopting import ADOPT_FILE, with_adopted
from generator.generate.places import MODULES_FOLDER
from generator.generate.tree import file_tree, written_code

__all__ = ["ADOPT_FILE", "MODULES_FOLDER", "file_tree", "with_adopted", "written_code"]
