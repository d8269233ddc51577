"""`forebay schema`: the topology's JSON Schema, for editors."""

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of the topology.

    Editors use it for completion: save it to a file and name that file in the topology's first
    line, as in `# yaml-language-server: $schema=topology.schema.json`.
    """
    from generator.cli.delivery import write_out
    from generator.report.json import dump
    from generator.topology import json_schema

    write_out(dump(json_schema()))
