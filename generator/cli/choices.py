"""A word out of a list on the command line; of a misspelled one it says what was probably meant."""

from collections.abc import Iterable

import click

from generator.model.quotes import did_you_mean


class OneOf(click.Choice[str]):
    """Like click's own, with the word that is near to one that is not in the list."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(tuple(words))

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        """What is said of a word that is not in the list."""
        message = super().get_invalid_choice_message(value, ctx)
        return f"{message.rstrip('.')}.{did_you_mean(str(value), self.choices)}"
