"""50 readers and 20 people who save, on a real `waymark serve`: times, errors, memory, answer.

    .venv/bin/python benchmarks/load.py --demo FOLDER [--seconds 600] [--readers 50] [--writers 20]
    script/test-postgres --run .venv/bin/python benchmarks/load.py --demo FOLDER

FOLDER is one that `waymark demo` made; a copy of it is used. With DATABASE_URL set, the copy moves
to that database first, which must be empty. Every reader and every writer has a network of their
own (127.0.N.1), as the paces of networks are for one. A reader opens a page a second, or the next
one as soon as a slower one is there. A writer signs in by the form, opens a page, fills its form
in, sends it, and reads for --pause seconds: codings, memos on a report, answers of case profiles,
publications, reports to be read, calls, texts of an overview.

The answer is checked: every save that was answered is in the database exactly once and no other is,
every report was read, the audit log has an unbroken chain, and no request failed.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import lxml.html
from site_server import WAYMARK, family, memory, middle, served

PASSWORD = "kettle orbit plum"  # noqa: S105
FRAMEWORK = ("cr-core", "1.1.0")
PAGES = (
    *("/", "/find/", "/find/?q=neglect", "/find/?q=school+nurse", "/topics/", "/subjects/"),
    *("/about/", "/reviews/R01/", "/reviews/R02/", "/overviews/demo/", "/answers/", "/statistics/"),
)
JOBS = ("code", "judge", "code", "add resource", "code", "judge", "memo", "upload", "code", "call")
"""Jobs of the writers, in turn."""
WARNING = re.compile(r'<p class="notice warn">(.*?)</p>')
"""What a page shows after an act that changed nothing."""
LETTERS = str.maketrans("0123456789", "abcdefghij")
PROCESSES = 3
"""Processes of readers: one alone would be slower than the site."""
READ_WAIT = 180
"""Seconds after the end within which the last report has been read."""


class Refused(Exception):
    """An answer that is no page."""


class Browser:
    """Requests from one network, with cookies. times: seconds of all requests."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.source = port, f"127.0.{number + 1}.1"
        self.cookies: dict[str, str] = {}
        self.times: list[float] = []

    def open(self, address: str, fields: list[tuple[str, str]] | None = None) -> str:
        """The page of an address, or of the form that is sent to it. Raises Refused, OSError."""
        body = urlencode(fields) if fields is not None else None
        return self._follow(address, body, "application/x-www-form-urlencoded")

    def upload(self, address: str, fields: list[tuple[str, str]], name: str, text: str) -> str:
        """The page after a file was sent. Raises Refused, OSError."""
        part = 'Content-Disposition: form-data; name="{}"'
        rows = [(part.format(field), value) for field, value in fields]
        rows.append((part.format("files") + f'; filename="{name}"', text))
        body = "".join(f"--load\r\n{head}\r\n\r\n{value}\r\n" for head, value in rows)
        return self._follow(address, f"{body}--load--\r\n", "multipart/form-data; boundary=load")

    def _follow(self, address: str, body: str | None, kind: str) -> str:
        for _ in range(4):
            status, location, page = self._request(address, body, kind)
            if status == 200 and (warning := WARNING.search(page)):
                raise Refused(f"{address}: {warning[1]}")
            if status == 200:
                return page
            if status not in {301, 302} or not location:
                raise Refused(f"{'POST' if body else 'GET'} {address}: {status} {_words(page)}")
            address, body = location, None
        raise Refused(f"{address}: redirected again and again")

    def _request(self, address: str, body: str | None, kind: str) -> tuple[int, str, str]:
        headers = {"Host": f"127.0.0.1:{self.port}"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = kind
        connection = HTTPConnection(
            "127.0.0.1", self.port, timeout=120, source_address=(self.source, 0)
        )
        begun = time.monotonic()
        try:
            connection.request("GET" if body is None else "POST", address, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        self.times.append(time.monotonic() - begun)
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(line).items()}
        return answer.status, answer.headers.get("Location", ""), page


def _words(page: str) -> str:
    """The error that a page shows, or its beginning."""
    shown = lxml.html.document_fromstring(page or "<p>nothing</p>")
    texts = [*shown.xpath("//*[contains(@class, 'error')]"), *shown.xpath("//main"), shown]
    return " ".join(texts[0].text_content().split())[:300]


def form_of(page: str, *, hidden: str = "", **values: str) -> list[tuple[str, str]]:
    """The fields of the first form that has all of these fields, filled in with them.

    hidden: value of another of its fields. A value of a button is sent too. Raises Refused.
    """
    for form in lxml.html.document_fromstring(page).forms:
        names = {*form.fields, *(button.get("name") for button in form.iter("button"))}
        kept = [(name, value.lstrip("\n")) for name, value in form.form_values()]
        if names.issuperset(values) and (not hidden or hidden in dict(kept).values()):
            return [*((n, v) for n, v in kept if n not in values), *values.items()]
    raise Refused(f"the page has no form with {', '.join(values)}: {_words(page)}")


class Writer:
    """A person who saves. marks: of the saves that were answered, each in what it stored."""

    def __init__(self, port: int, number: int, desk: dict[str, Any]) -> None:
        self.browser = Browser(port, 100 + number)
        self.job, self.name = str(desk["job"]), str(desk["name"])
        self.desk, self.count = desk, 0
        self.marks: list[str] = []
        self.saves: list[float] = []

    def sign_in(self) -> None:
        """Sign in by the form, and begin at the workbench."""
        page = self.browser.open("/sign-in/")
        self.browser.open("/sign-in/", form_of(page, name=self.name, password=PASSWORD))
        if self.job in {"code", "memo"}:
            bench = self.browser.open(self.desk["bench"])
            begin = form_of(bench, veil="marked", break_minutes="0")
            self.browser.open(f"{self.desk['bench']}begin/", begin)

    def save(self) -> None:
        """Open the page of the job, fill its form in and send it."""
        mark = f"load {self.name} {self.count} end"
        begun = getattr(self, "_" + self.job.replace(" ", "_"))(mark)
        self.saves.append(time.monotonic() - begun)
        self.marks.append(mark)
        self.count += 1

    def _code(self, mark: str) -> float:
        page, codes = self.browser.open(self.desk["bench"]), self.desk["codes"]
        fields = dict(form_of(page, do="code", code=codes[self.count % len(codes)]))
        start = self.count // len(codes) * 23 % (self.desk["length"] - 40)
        fields |= {"act": mark, "from": str(start), "to": str(start + 35)}
        return self._sent(f"{self.desk['bench']}act/", list(fields.items()))

    def _memo(self, mark: str) -> float:
        page = self.browser.open(self.desk["bench"])
        fields = dict(form_of(page, do="memo", memo=mark)) | {"act": mark}
        return self._sent(f"{self.desk['bench']}act/", list(fields.items()))

    def _judge(self, mark: str) -> float:
        page = self.browser.open(self.desk["profile"])
        answer = {"do": "answer", "value": "not_mentioned", "memo": mark}
        return self._sent(self.desk["profile"], form_of(page, hidden="fac.neglect", **answer))

    def _add_resource(self, mark: str) -> float:
        address = "/staff/resources/add/"
        chance = random.Random(mark)  # noqa: S311
        words = ("".join(chance.choices("bcdfghklmnprstaeiou", k=8)) for _ in range(5))
        title = f"{' '.join(words).capitalize()} ({mark})"
        page = self.browser.open(address)
        fields = form_of(page, do="save", kind="research-report", title=title, summary="Made up.")
        return self._sent(address, fields)

    def _upload(self, mark: str) -> float:
        page = self.browser.open("/staff/upload/")
        chance = random.Random(mark)  # noqa: S311
        words = [" ".join(chance.choices(("the", "visits", "ended", "in", "May"), k=60))] * 3
        begun = time.monotonic()
        text = "\n\n".join([f"1 {mark}", *words])
        self.browser.upload("/staff/upload/", form_of(page, encoding=""), f"{mark}.txt", text)
        return begun

    def _call(self, mark: str) -> float:
        page = self.browser.open("/staff/enquiries/call/")
        return self._sent("/staff/enquiries/call/", form_of(page, kind="question", text=mark))

    def _text(self, mark: str) -> float:
        page = self.browser.open(self.desk["text"])
        return self._sent(self.desk["text"], form_of(page, text=mark))

    def _sent(self, address: str, fields: list[tuple[str, str]]) -> float:
        begun = time.monotonic()
        self.browser.open(address, fields)
        return begun


# ---- the people, each process with some of them ----


def read(port: int, numbers: list[int], until: float) -> dict[str, Any]:
    """What readers found until a moment: times of pages, and errors."""

    def one(number: int) -> tuple[list[float], list[str]]:
        browser, errors = Browser(port, number), []
        chance = random.Random(number)  # noqa: S311
        time.sleep(chance.random())
        while time.monotonic() < until:
            begun = time.monotonic()
            error = attempt(lambda: browser.open(chance.choice(PAGES)))
            errors += [error] if error else []
            time.sleep(max(0.0, begun + 1 - time.monotonic()))
        return browser.times, errors

    with ThreadPoolExecutor(len(numbers)) as pool:
        results = list(pool.map(one, numbers))
    return {
        "times": [value for times, _ in results for value in times],
        "errors": [value for _, errors in results for value in errors],
    }


def signed_in(port: int, desks: list[dict[str, Any]]) -> list[Writer]:
    """The writers, signed in before the time begins: to check passwords takes long by design."""
    writers = [Writer(port, number, desk) for number, desk in enumerate(desks)]
    for writer in writers:
        writer.sign_in()
    return writers


def write(writers: list[Writer], until: float, pause: float) -> dict[str, Any]:
    """What writers saved until a moment: times, marks by job, and errors."""

    def one(number: int) -> tuple[Writer, list[str]]:
        writer, errors = writers[number], []
        chance = random.Random(number)  # noqa: S311
        while time.monotonic() < until:
            time.sleep(pause * (0.5 + chance.random()))
            errors.append(attempt(writer.save))
        return writer, [error for error in errors if error]

    with ThreadPoolExecutor(len(writers)) as pool:
        results = list(pool.map(one, range(len(writers))))
    marks: dict[str, list[str]] = {}
    for writer, _ in results:
        marks.setdefault(writer.job, []).extend(writer.marks)
    return {
        "times": [value for writer, _ in results for value in writer.saves],
        "marks": marks,
        "errors": [value for _, errors in results for value in errors],
    }


def attempt(work: Callable[[], Any]) -> str:
    """The error of some work, "" if it succeeds."""
    try:
        work()
    except (Refused, OSError, HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    return ""


# ---- the installation, in processes of their own that have its settings ----


def prepare(writers: int) -> list[dict[str, Any]]:
    """Create the accounts of the writers; return the desk of each."""
    import django

    django.setup()
    from django.utils import timezone

    from waymark.accounts.models import Role, User
    from waymark.accounts.services import create_account
    from waymark.coding.services import assign_coder
    from waymark.documents.models import Report
    from waymark.frameworks.models import Framework
    from waymark.frameworks.queries import codes_of
    from waymark.pipeline.checks.schema import migrate_database

    migrate_database()
    now = timezone.now()
    framework = Framework.objects.get(name=FRAMEWORK[0], version=FRAMEWORK[1])
    analyst = User.objects.get(username="analyst")
    reports = list(Report.objects.select_related("review", "text").order_by("pk"))
    codes = [code.code for code in codes_of(framework)][:3]
    desks = []
    for number in range(writers):
        job = "text" if number == writers - 1 else JOBS[number % len(JOBS)]
        name = f"writer.{number}".translate(LETTERS)
        roles = [Role.CODER, Role.CATALOGUER, Role.ANALYST, Role.EDITOR]
        person = create_account(name=name, password=PASSWORD, roles=roles, by=None, now=now)
        report = reports[number % len(reports)]
        assign_coder(by=analyst, coder=person, review=report.review, framework=framework, now=now)
        place = "/".join(FRAMEWORK)
        desks.append(
            {
                "job": job,
                "name": name,
                "bench": f"/staff/coding/{place}/{report.key}/",
                "profile": f"/staff/coding/profiles/{report.review.reference}/{place}/",
                "text": "/staff/overviews/demo/report/introduction/",
                "codes": codes,
                "length": len(report.text.content),
            }
        )
    return desks


def check(marks: dict[str, list[str]]) -> list[str]:
    """What is wrong in the database; empty if nothing is."""
    import django

    django.setup()
    from waymark.accounts.audit import broken_links
    from waymark.coding.models import CodingAction
    from waymark.documents.models import Intake, IntakeState
    from waymark.enquiries.models import EnquiryMessage
    from waymark.library.models import Resource
    from waymark.profiles.models import Judgement
    from waymark.publishing.models import ReportVersion

    rows: dict[str, list[str]] = {
        "code": list(CodingAction.objects.filter(kind="code").values_list("act", flat=True)),
        "memo": list(CodingAction.objects.filter(kind="memo").values_list("act", flat=True)),
        "judge": list(Judgement.objects.values_list("memo", flat=True)),
        "add resource": [
            title.partition("(")[2].rstrip(")")
            for title in Resource.objects.values_list("title", flat=True)
        ],
        "upload": [
            name.removesuffix(".txt")
            for name in Intake.objects.filter(state=IntakeState.STORED).values_list(
                "file_name", flat=True
            )
        ],
        "call": list(EnquiryMessage.objects.values_list("text", flat=True)),
        "text": list(ReportVersion.objects.values_list("text", flat=True)),
    }
    wrong = [f"broken chain at entry {number}" for number in broken_links()]
    for job, saved in marks.items():
        stored = Counter(mark.strip() for mark in rows[job] if mark.startswith("load "))
        if stored != Counter(saved):
            missing, more = Counter(saved) - stored, stored - Counter(saved)
            wrong.append(f"{job}: {len(saved)} saved, {list(missing)} missing, {list(more)} more")
    return wrong


def waiting_reports() -> int:
    """Number of files that wait to be read."""
    import django

    django.setup()
    from waymark.documents.models import Intake, IntakeState

    states = (IntakeState.WAITING, IntakeState.READING)
    return Intake.objects.filter(state__in=states).count()


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns in a process of its own."""
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *arguments).result()


def installation(demo: Path, data: Path) -> str:
    """Copy the demo, on PostgreSQL with its database moved there; the name of the database."""
    shutil.copytree(demo, data)
    os.environ["WAYMARK_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    url = os.environ.pop("DATABASE_URL", "")
    if not url:
        return "SQLite"
    for words in (("migrate",), ("move-database", url)):
        subprocess.run([WAYMARK, "--data", data, *words], check=True, stdout=subprocess.DEVNULL)
    os.environ["DATABASE_URL"] = url
    return "PostgreSQL"


def sizes(pid: int) -> dict[str, int]:
    """MiB and number of all processes of the site."""
    rows = [memory(process) for process in family(pid)]
    return {"MiB": sum(rows), "largest": max(rows), "processes": len(rows)}


def main() -> int:
    """Run; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--demo", type=Path, required=True)
    for name, usual in (("seconds", 600), ("readers", 50), ("writers", 20)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--pause", type=float, default=4)
    parser.add_argument("--log", type=Path, help="file for what the site logs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="waymark-load-") as folder:
        database = installation(options.demo, Path(folder) / "data")
        desks = apart(prepare, options.writers)
        answer = {"database": database, **under_load(Path(folder) / "data", desks, options)}
    print(json.dumps(answer, indent=2))
    return 1 if answer["errors"] or answer["wrong"] else 0


def under_load(
    data: Path, desks: list[dict[str, Any]], options: argparse.Namespace
) -> dict[str, Any]:
    """Figures of the site with readers and writers."""
    context = multiprocessing.get_context("fork")
    crowd = range(options.readers)
    with (
        served(data, log=options.log) as server,
        ProcessPoolExecutor(PROCESSES + 1, mp_context=context) as pool,
    ):
        load = os.getloadavg()[0]
        for page in PAGES:
            Browser(server.port, 0).open(page)
        writers = signed_in(server.port, desks)
        until = time.monotonic() + options.seconds
        reading = [
            pool.submit(read, server.port, list(crowd[at::PROCESSES]), until)
            for at in range(PROCESSES)
        ]
        writing = pool.submit(write, writers, until, options.pause)
        time.sleep(min(60, options.seconds / 2))
        early = sizes(server.pid)
        time.sleep(max(0.0, until - 5 - time.monotonic()))
        late, crowded = sizes(server.pid), os.getloadavg()[0]
        read_by, written = [job.result() for job in reading], writing.result()
        end = time.monotonic() + READ_WAIT
        while (left := apart(waiting_reports)) and time.monotonic() < end:
            time.sleep(2)
        wrong = apart(check, written["marks"]) + ([f"{left} reports not read"] if left else [])
    pages = [value for row in read_by for value in row["times"]]
    errors = [value for row in (*read_by, written) for value in row["errors"]]
    return {
        "seconds": options.seconds,
        "load before, at the end": [load, crowded],
        "pages of readers": {"number": len(pages), **quantiles(pages)},
        "saves": {"number": len(written["times"]), **quantiles(written["times"])},
        "of each kind": {job: len(saved) for job, saved in written["marks"].items()},
        "memory at minute 1": early,
        "memory at the end": late,
        "errors": len(errors),
        "first errors": errors[:5],
        "wrong": wrong,
    }


def quantiles(times: list[float]) -> dict[str, float]:
    """p50, p95 and the longest in seconds."""
    if not times:
        return {}
    p50, p95 = middle(times)
    return {"p50": round(p50, 3), "p95": round(p95, 3), "longest": round(max(times), 2)}


if __name__ == "__main__":
    sys.exit(main())
