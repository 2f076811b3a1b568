"""The place of the person who asks in the course of the address."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from creditable.learning import study
from creditable.learning.study import Study
from creditable.people.access import SignedRequest


def place(request: SignedRequest, slug: str) -> Study:
    """The person's place. 404 for someone who never had one; 403, with words, where it may not
    be entered now."""
    found = study.find(request.user.pk, slug)
    if found is None:
        raise Http404
    if not found.open:
        raise PermissionDenied(
            _(
                "Your access to {course} has ended. What you did is kept: your certificates and "
                "reports stand in your account."
            ).format(course=found.version.title)
        )
    return found
