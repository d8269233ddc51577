"""Facts about AWS that ship with the package."""
