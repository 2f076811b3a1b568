"""A stand-in for PayPal: Orders v2, Payments v2, Transaction Search and signed webhooks, with
state. No money moves.

It follows PayPal's published OpenAPI descriptions; what they leave open follows PayPal's
documentation. Everything else that PayPal offers is answered with a 404.
"""
