"""Stripe, by its official SDK. The SDK's package has the same name; imports are
absolute, so `import stripe` in here is the SDK."""

from refunds.gateways.stripe.adapter import Stripe

__all__ = ["Stripe"]
