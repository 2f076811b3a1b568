"""File formats of authorities: the exact bytes that leave, and how answers are read. Pure.

A format is a module with `write(roster, layout) -> bytes`; one that answers by machine also has
`read_receipt` and `read_decision`. The name in a pack's report.yaml is the module's.
"""
