"""What we say to people by e-mail, and the archive of what was said."""
