"""How much work the reading of one root may cost."""

from generator.hcl.scope import TooMuchWorkError

MOST_STEPS = 1_000_000

MOST_MODULES = 5_000


class Budget:
    """Counts the steps of one reading, so that code made to run for good ends."""

    def __init__(self, steps: int = MOST_STEPS, modules: int = MOST_MODULES) -> None:
        self._left = steps
        self._modules_left = modules

    def count(self, steps: int = 1) -> None:
        """Count steps; raises `TooMuchWorkError`."""
        self._left -= steps
        if self._left < 0:
            raise TooMuchWorkError

    def allows_modules(self, number: int) -> bool:
        """Count the instances of a module call; whether they are not too many."""
        if self._modules_left < number:
            return False
        self._modules_left -= number
        return True
