"""Selling: offers, baskets, orders, payments and the books."""
