"""PayPal, Orders v2: create, approve, capture, and the notices that say something changed.

The protocol is PayPal's published description (paypal-rest-api-specifications, checkout_orders_v2
2.x and payments_payment_v2, checked 2026-11-22). Nothing here talks to the network: requests leave
through the gate, and answers come back as replies.
"""
