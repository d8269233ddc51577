"""The command line: parses options, calls the parts, hands what they say to a report, exits."""
