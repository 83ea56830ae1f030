"""`make screenshots`: the pictures of README and docs, from the demo and the scenes."""

import json
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import CHROMIUM, ROOT, SWITCHES, Stack, running

IMAGES = ROOT / "docs" / "images"
LARGEST = 300_000
SCENES = "import tests.journeys.scenes as scenes; scenes.main()"
DESK, PHONE = (1280, 860), (390, 844)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as stack,
        sync_playwright() as playwright,
    ):
        made = stack.manage("shell", "-c", SCENES)
        told = json.loads(made.stdout.splitlines()[-1])
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(SWITCHES)
        )
        for name, (person, address, size) in shots(told).items():
            page = opened(browser, stack, told["sessions"].get(person, ""), size)
            page.goto(stack.url + address)
            keep(name, page.screenshot())
            page.context.close()
        browser.close()


def shots(told: dict[str, Any]) -> dict[str, tuple[str, str, tuple[int, int]]]:
    """Who looks at what, how large."""
    numbers, known, keys = told["numbers"], told["known"], told["keys"]
    evaluated = known["sheets"][list(numbers).index("evaluated")]
    draft = f"/drafts/{known['draft']['pk']}/"
    offered = f"/requests/{numbers['offered']}/"
    queue = "/admin/refunds/refundrequest/"
    return {
        "policy": ("", "/policy/", DESK),
        "calculator": ("", "/policy/calculator/", DESK),
        "services": ("lina", "/services/", DESK),
        "filing": ("lina", draft, DESK),
        "filing-phone": ("lina", draft, PHONE),
        "offer": ("lina", offered, DESK),
        "offer-phone": ("lina", offered, PHONE),
        "home": ("wanglei", "/admin/", DESK),
        "queue": ("wanglei", f"{queue}?show=all", DESK),
        "sheet": ("wanglei", f"{queue}{evaluated}/change/", DESK),
        "finance": ("sunli", "/admin/finance/", DESK),
        "payout": (
            "sunli",
            f"/admin/refunds/payoutleg/{keys['refunds_payoutleg']}/change/",
            DESK,
        ),
    }


def opened(browser: Browser, stack: Stack, session: str, size: tuple[int, int]) -> Page:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="en-GB",
        reduced_motion="reduce",
        device_scale_factor=1.5,
    )
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": stack.url}])
    return context.new_page()


def keep(name: str, taken: bytes) -> None:
    """In 128 colours, which a page without photographs hardly needs."""
    picture = Image.open(BytesIO(taken)).convert("RGB").quantize(128)
    path = IMAGES / f"{name}.png"
    picture.save(path, optimize=True)
    size = path.stat().st_size
    sys.stdout.write(f"{path.relative_to(ROOT)}  {size // 1000} kB\n")
    if size > LARGEST:
        raise SystemExit(f"{path} is larger than {LARGEST} bytes")
