"""Two estates compared."""
