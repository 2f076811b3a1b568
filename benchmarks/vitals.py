"""How soon a page can be read and whether it holds still, in Chromium, as Lighthouse asks:
`python -m benchmarks.vitals`.

The phone is Lighthouse's for mobile: a processor four times slower and "slow 4G" (150 ms there and
back, 1.6 Mbit/s down, 750 kbit/s up), 412 by 823 pixels. Beside it a desk: no brakes, 1280 by 900.
Each page is opened three times with an empty cache; the median counts. The largest paint should be
there within a second on the phone; nothing may move. Times depend on what else the machine does,
so this is no test.
"""

import json
import statistics
import sys
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium
from tests.installation import Running, started
from tests.journeys.path import COURSE

PAGES = ["/", "/courses/", f"/courses/{COURSE}/", "/basket/", "/privacy/", "/contact/", "/verify/",
         "/account/login/", "/account/signup/"]  # fmt: skip
TIMES = 3
LARGEST_MS = 1000
DEVICES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 412, "height": 823}, "slowdown": 4, "latency": 150,
              "down": 1_638_400 / 8, "up": 768_000 / 8},
    "desk": {"viewport": {"width": 1280, "height": 900}},
}  # fmt: skip
WATCH = """
window.vitals = {largest: 0, shift: 0};
new PerformanceObserver((seen) => {
  for (const entry of seen.getEntries()) window.vitals.largest = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((seen) => {
  for (const entry of seen.getEntries()) window.vitals.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


def main() -> int:
    """Prints a line for each page and device; 1 when one is slow or moves."""
    bad = 0
    with started() as running, chromium() as browser:
        for device in DEVICES:
            for path in PAGES:
                seen = [vitals(browser, running, device, path) for _ in range(TIMES)]
                largest = statistics.median(one["largest"] for one in seen)
                shift = max(one["shift"] for one in seen)
                over = shift > 0 or (device == "phone" and largest > LARGEST_MS)
                bad += over
                line = {
                    "page": path,
                    "device": device,
                    "largest_ms": round(largest),
                    "shift": shift,
                }
                print(json.dumps(line | {"over": over}), flush=True)
    return 1 if bad else 0


def vitals(browser: Browser, running: Running, device: str, path: str) -> dict[str, float]:
    """The time of the largest paint in milliseconds and the sum of shifts, on a page just opened
    with nothing in the cache."""
    how = DEVICES[device]
    context = browser.new_context(base_url=running.address, viewport=how["viewport"])
    context.add_init_script(WATCH)
    page = context.new_page()
    if "slowdown" in how:
        slow(page, how)
    page.goto(path, wait_until="networkidle")
    page.wait_for_timeout(300)
    seen: dict[str, float] = page.evaluate("window.vitals")
    context.close()
    return seen


def slow(page: Page, how: dict[str, Any]) -> None:
    """Puts the brakes of a phone on."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": how["slowdown"]})
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": how["latency"],
            "downloadThroughput": how["down"],
            "uploadThroughput": how["up"],
        },
    )


if __name__ == "__main__":
    sys.exit(main())
