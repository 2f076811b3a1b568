"""Honest stand-ins for the outside: a payment processor, a licensing authority, a mail server.

Each is a process of its own that speaks the published protocol, keeps its state on disk and
can be told to fail in the ways the real one does. They use the real clock and import nothing
of the product but `lib`: what they know of it, they learn from what it sends.
"""
