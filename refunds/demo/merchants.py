"""Our merchants at the sandbox, a row each; brought up to date at every start."""

from pathlib import Path

from refunds.gateways.sandbox.routes import all_merchants
from refunds.models import Merchant


def ensure_merchants(state_dir: Path, *, url: str) -> None:
    for each in all_merchants(state_dir, url=url):
        found = Merchant.objects.filter(route=each.route, number=each.number).first()
        merchant = found or Merchant(route=each.route, number=each.number, usual=True)
        merchant.name = "Sandbox"
        merchant.address, merchant.settings = each.address, dict(each.settings)
        merchant.set_secrets(dict(each.secrets))
        merchant.save()
