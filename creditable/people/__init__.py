"""Who people are: the person, sign-in, sessions, roles, licenses."""
