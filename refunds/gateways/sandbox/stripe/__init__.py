"""Stripe's API as far as refunds need it: docs.stripe.com/api/refunds,
/api/idempotent_requests, /api/balance_transactions, /webhooks/signature."""
