"""The formats that show a topology as a picture: Mermaid, and Graphviz's language."""

from generator.report.report import Report


def mermaid_picture(report: Report) -> str:
    """The report's topology as Mermaid; nothing where mistakes kept it from being read."""
    from generator.map.graph import graph_of
    from generator.map.mermaid import mermaid

    return (
        "" if report.topology is None else mermaid(graph_of(report.topology, report.only_account))
    )


def dot_picture(report: Report) -> str:
    """The report's topology for Graphviz; nothing where mistakes kept it from being read."""
    from generator.map.dot import dot
    from generator.map.graph import graph_of

    return "" if report.topology is None else dot(graph_of(report.topology, report.only_account))
