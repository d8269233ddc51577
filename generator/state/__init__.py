"""Plans and states, as `terraform show -json` prints them, read into an estate."""

from generator.state.reader import StateFile, read_state_files

__all__ = ["StateFile", "read_state_files"]
