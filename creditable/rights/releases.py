"""What is sent to people about their rights."""

from creditable.mail.kinds import Kind

HELD = Kind(
    name="rights.held",
    purpose="account",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "objected": "user.privacy.choice",
        "version": "system.operations",
    },
)
