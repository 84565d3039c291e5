"""Pictures of the demo's pages: those of the documentation, or every main page in five forms."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-headless-shell")
QUIET = ["--no-sandbox", "--disable-gpu"]
# The pictures of the documentation: pages side by side. A number, and the passages that it counts.
DOCUMENTED = {"overview": ("/overviews/demo/T3/", "/overviews/demo/T3/infant_death/n/")}
PAIR = {"width": 800, "height": 1000}
GAP = 24
PAGES = {
    "home": "/",
    "search": "/find/?q=neglect",
    "overviews": "/overviews/",
    "overview": "/overviews/demo/",
    "table": "/overviews/demo/T3/",
    "evidence": "/overviews/demo/T3/infant_death/n/",
    "reviews": "/find/",
    "resources": "/resources/",
    "subjects": "/subjects/",
    "topics": "/topics/",
    "topic": "/topics/babies-and-safer-sleep/",
    "methods": "/methods/",
    "deposit": "/deposit/",
    "about": "/about/",
    "help": "/help/",
    "compare": "/compare/",
    "data": "/data/",
    "sign-in": "/sign-in/",
}
STAFF_PAGES = {
    "staff": "/staff/",
    "upload": "/staff/upload/",
    "file-expiry": "/staff/keeping/",
    "deposits": "/staff/deposits/",
    "emails": "/staff/letters/",
    "deadlines": "/staff/due/",
    "add-resource": "/staff/resources/add/",
    "resources-staff": "/staff/resources/",
    "thesaurus": "/staff/subjects/",
    "add-subject": "/staff/subjects/add/",
    "topics-staff": "/staff/topics/",
    "edit-topic": "/staff/topics/neglect/edit/",
    "imports": "/staff/imports/",
    "overviews-staff": "/staff/overviews/",
    "new-overview": "/staff/overviews/new/",
    "account": "/account/",
}
FORMS = {
    "light": {"viewport": {"width": 1200, "height": 900}},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "390": {"viewport": {"width": 390, "height": 800}},
    "320": {"viewport": {"width": 320, "height": 700}},
    "print": {"viewport": {"width": 1000, "height": 900}},
}


@contextmanager
def _served_demo() -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a demo built for the pictures, and its accounts with their passwords."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    with tempfile.TemporaryDirectory() as folder:
        program = [str(Path(sys.executable).with_name("waymark")), "--data", folder]
        built = subprocess.run(
            [*program, "demo", "--no-serve"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        accounts = dict(re.findall(r"^  (\S+) +(\S{12,})$", built.stdout, re.MULTILINE))
        server = subprocess.Popen(
            [*program, "serve", "--port", "28731"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            for line in server.stdout:
                if address := re.search(r"http://[^\s/]+", line):
                    yield address[0], accounts
                    break
        finally:
            server.terminate()
            server.wait(30)


def _take(page: Page, url: str, file: Path, form: str) -> None:
    if form == "print":
        page.emulate_media(media="print")
    page.goto(url)
    page.screenshot(path=file, full_page=True)


def _sign_in(page: Page, address: str, name: str, password: str) -> None:
    page.goto(f"{address}/sign-in/")
    page.get_by_label("Account name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def _take_all(browser: Browser, address: str, accounts: dict[str, str], folder: Path) -> None:
    for form, options in FORMS.items():
        page = browser.new_context(**options).new_page()
        for name, path in PAGES.items():
            _take(page, address + path, folder / f"{name}-{form}.png", form)
        for account, password in accounts.items():
            _sign_in(page, address, account, password)
            if page.url.startswith(f"{address}/sign-in/"):
                continue
            for name, path in STAFF_PAGES.items():
                _take(page, address + path, folder / f"{name}-{account}-{form}.png", form)
            page = browser.new_context(**options).new_page()


def _take_documented(browser: Browser, address: str, folder: Path) -> None:
    page = browser.new_context(viewport=PAIR).new_page()
    for name, paths in DOCUMENTED.items():
        picture = Image.new(
            "RGB", (len(paths) * (PAIR["width"] + GAP) - GAP, PAIR["height"]), "#d5dbd7"
        )
        for number, path in enumerate(paths):
            page.goto(address + path)
            part = Image.open(BytesIO(page.screenshot()))
            picture.paste(part, (number * (PAIR["width"] + GAP), 0))
        picture.quantize(128).save(folder / f"{name}.png", optimize=True)


def main() -> None:
    """Take the pictures that the command line asks for."""
    folder = ROOT / "docs" / "images"
    every = "--all" in sys.argv
    if every:
        folder = Path(sys.argv[sys.argv.index("--all") + 1])
        folder.mkdir(parents=True, exist_ok=True)
    with _served_demo() as (address, accounts), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        if every:
            _take_all(browser, address, accounts, folder)
            return
        _take_documented(browser, address, folder)


if __name__ == "__main__":
    main()
