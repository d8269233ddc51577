"""What AWS did not tell, as records of which nothing is known: for questions that need every policy."""

from dataclasses import replace

from generator.model.estate import Estate
from generator.model.reading import Reading


def with_unread(reading: Reading) -> Estate:
    """The estate, with a record of unknown content for each policy that may be there unread."""
    if not reading.unread_records:
        return reading.estate
    return replace(reading.estate, records=(*reading.estate.records, *reading.unread_records))
