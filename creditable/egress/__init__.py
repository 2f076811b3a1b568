"""The sender: the one process that talks to the outside.

It reads the outbox, carries each message once over its channel, and writes what came of it.
It knows nothing of orders, people or reports; those who asked are told by a reply row.
"""
