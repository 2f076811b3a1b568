"""Global Privacy Control: a browser that sends it says no for whoever is signed in with it."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from creditable.disclosure import signals
from creditable.people.models import Person

HEEDED = "gpc"


def heed_browser(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: the first request of a session that carries the signal is heeded before it is
    answered. Who sends it while signed out sends it again with sign-in."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.META.get("HTTP_SEC_GPC") == "1":
            person = request.user
            if isinstance(person, Person) and not request.session.get(HEEDED):
                signals.heed(subject_id=person.pk, by=person.actor)
                request.session[HEEDED] = True
        return get_response(request)

    return answer
