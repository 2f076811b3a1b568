"""Where payment processors tell us that something changed."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from creditable.store.payments.paypal import notices
from creditable.store.payments.paypal.verify import Forged, Transmission


@csrf_exempt
@require_POST
def paypal(request: HttpRequest) -> HttpResponse:
    """PayPal's notices. 200 once what it means is committed, 400 for what is not PayPal's, 503
    while we cannot tell: PayPal sends it again."""
    try:
        transmission = Transmission.of(request.headers)
        notices.genuine(body=request.body, transmission=transmission)
        notices.receive(body=request.body)
    except Forged:
        return HttpResponse("not a genuine notice\n", "text/plain", status=400)
    except notices.NotYet:
        return HttpResponse("try again\n", "text/plain", status=503)
    return HttpResponse("ok\n", "text/plain")


urlpatterns = [path("payments/paypal/", paypal, name="paypal")]
