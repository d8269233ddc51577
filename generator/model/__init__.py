"""The frozen types that every other part of forebay speaks in."""
