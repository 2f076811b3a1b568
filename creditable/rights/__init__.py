"""What people may ask for, and what a new version of the policy owes to those who said no."""
