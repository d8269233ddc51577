"""From existing code to a topology: what the code says, as far as the topology's language can say it."""

from generator.imported.importing import Imported, import_estate

__all__ = ["Imported", "import_estate"]
