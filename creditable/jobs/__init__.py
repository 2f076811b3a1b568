"""Work that happens after the answer: queued in the same transaction as the rows it is about.

A job is a verb with `@job`. It runs at least once, so it must be harmless to run twice, and its
arguments are ids, never personal data.
"""

from creditable.jobs.queue import enqueue, job

__all__ = ["enqueue", "job"]
