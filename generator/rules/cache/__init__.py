"""Rules about cache rules and cached repositories, which need no topology."""
