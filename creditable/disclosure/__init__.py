"""What may leave, to whom, and the record of what left: subjects, the published policy, the
gate, its ledger and the one outbox."""
