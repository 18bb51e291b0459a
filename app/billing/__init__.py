"""Billing: what is paid at Stripe, and which plan that is here."""
