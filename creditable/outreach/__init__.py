"""What the provider says to many at once: mail of a topic that people agreed to."""
