"""The route by bank files: a batch goes out, answers and statements come in."""

from refunds.gateways.bank.adapter import Bank

__all__ = ["Bank"]
