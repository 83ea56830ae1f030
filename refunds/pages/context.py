"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    return {
        "brand": settings.BRAND,
        "sandbox": settings.PAYS_INTO_SANDBOX,
        "support_email": settings.SUPPORT_EMAIL,
        "hotline": settings.COMPLAINT_HOTLINE,
    }
