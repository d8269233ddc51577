"""A local AWS for tests: moto on loopback, with the ECR operations that moto lacks.

Nothing here reaches the internet, and no real credentials are read. `localaws.local.LocalAws` starts a
server in a process of its own; `localaws.fixtures` offers it to tests.
"""
