"""What learning lets out: mail to the learner."""

from creditable.mail.kinds import Kind

ENROLLED = Kind(
    name="learning.enrolled",
    purpose="learning",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "course": "user.ce.enrollment",
    },
)

CHANGED = Kind(
    name="learning.changed",
    purpose="learning",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "course": "user.ce.enrollment",
        "changes": "system.operations",
    },
)

COMPLETED = Kind(
    name="learning.completed",
    purpose="learning",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "course": "user.ce.enrollment",
        "completion": "user.ce.completion",
        "score": "user.ce.score",
    },
)
