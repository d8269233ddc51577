"""The walk through one pull: from the rule to the upstream, up to the first proof of why it fails."""

from collections.abc import Callable

from generator.doctor.evidence import Evidence, Step
from generator.doctor.walk_access import organization, rights
from generator.doctor.walk_registry import creation, credential, image, rule
from generator.doctor.walk_upstream import upstream
from generator.frozen_data import frozen

STEPS: tuple[tuple[str, Callable[[Evidence], Step | None]], ...] = (
    ("rule", rule),
    ("image", image),
    ("rights", rights),
    ("organization", organization),
    ("credential", credential),
    ("creation", creation),
    ("upstream", upstream),
)
"""What is looked at, in this order; a step that has nothing to do with the pull is left out."""


@frozen
class Walk:
    """The steps that were taken, and the names of those after a proof, which were not."""

    steps: tuple[Step, ...]
    left: tuple[str, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether the last step shows why the pull fails."""
        return bool(self.steps) and self.steps[-1].is_proved


def walk(evidence: Evidence) -> Walk:
    """Take one step after the other, up to the first proof."""
    taken: list[Step] = []
    for position, (_, look) in enumerate(STEPS):
        step = look(evidence)
        if step is None:
            continue
        taken.append(step)
        if step.is_proved:
            return Walk(steps=tuple(taken), left=tuple(name for name, _ in STEPS[position + 1 :]))
    return Walk(steps=tuple(taken))
