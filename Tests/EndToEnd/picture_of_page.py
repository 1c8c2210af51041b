"""Takes the pictures of the built-in page that the README shows: traffic for a quarter of an hour, then one picture in
light and one in dark colours.

    python Tests/EndToEnd/picture_of_page.py [MINUTES]
"""

import sys
import time

from browser import Browser
from daemon import ROOT, Daemon, wait_until
from test_page import traffic

WIDTH, HEIGHT = 1200, 1000


def main(minutes):
    listening = ("--web.listen-address=127.0.0.1:10780", "--events.listen-udp=127.0.0.1:10781")
    with Daemon(*listening) as daemon, traffic(
            daemon, "--rate", "14", "--day-seconds", "1100", "--incident", "cost-spike",
            "--incident-after", str(minutes * 60 * 0.45), "--incident-for", "100"):
        time.sleep(minutes * 60)
        with Browser() as browser:
            for name in ("light", "dark"):
                page = browser.open(daemon.url, WIDTH, HEIGHT, dark=name == "dark")
                page.wait_for("document.querySelectorAll('#models tr').length > 0")
                wait_until(lambda: page.evaluate("document.fonts.status") == "loaded", "the fonts")
                page.screenshot(ROOT / "docs" / f"page-{name}.png")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 15)
