"""What a format has no words for: it is reported, never left out in silence."""

from generator.frozen_data import frozen


@frozen
class Unsaid:
    """One thing that an export leaves out: the title in one line, the reason in sentences."""

    subject: str
    title: str
    reason: str
