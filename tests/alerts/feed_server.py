"""A small HTTP server on this computer, for feeds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ATOM = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>Agency</title>
  <entry>
    <id>tag:agency.example,2026:1</id>
    <title type="html">Safer &lt;b&gt;sleep&lt;/b&gt; &amp;amp; babies</title>
    <link rel="self" href="/entry/1.atom"/>
    <link href="/news/1?utm_source=feed"/>
    <published>2026-05-03T09:00:00Z</published>
    <summary type="html">&lt;p&gt;A &lt;script&gt;x()&lt;/script&gt;report.&lt;/p&gt;</summary>
  </entry>
  <entry><id>2</id><title>No address</title></entry>
</feed>"""
RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News</title>
  <item>
    <title>Annual statistics on child protection plans</title>
    <link>https://stats.example/plans</link>
    <guid isPermaLink="false">plans-2026</guid>
    <pubDate>Sun, 03 May 2026 10:00:00 +0100</pubDate>
    <description>Counts of plans. See https://doi.org/10.1234/ab.5</description>
    <dc:identifier>doi:10.1234/AB.5</dc:identifier>
  </item>
</channel></rss>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <item rdf:about="https://a.example/1"><title>Old form of feed</title>
  <link>https://a.example/1</link><dc:date>2026-05-01</dc:date></item></rdf:RDF>"""


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        server.asked.append((self.path, dict(self.headers)))
        if self.path.startswith("/to/"):
            return self._answer(302, {"Location": server.targets[self.path]}, b"")
        if self.path == "/loop":
            return self._answer(301, {"Location": "/loop"}, b"")
        if self.path == "/moved":
            return self._answer(301, {"Location": "/atom"}, b"")
        if self.path == "/drip":
            return self._drip()
        if self.path == "/large":
            return self._answer(200, {}, b"x" * 300_000)
        if self.headers.get("If-None-Match") == '"v1"':
            return self._answer(304, {"ETag": '"v1"'}, b"")
        status, body = server.pages.get(self.path, (404, b""))
        headers = {"ETag": '"v1"', "Content-Type": "text/plain"} if status == 200 else {}
        return self._answer(status, headers, body)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        """A head that never ends: a byte now and then."""
        for _ in range(100):
            try:
                self.wfile.write(b"X")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


class FeedServer(ThreadingHTTPServer):
    """pages: path -> status and body; targets: where /to/... leads; asked: path and headers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.targets: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def address(self, path: str, host: str = "localhost") -> str:
        return f"http://{host}:{self.server_port}{path}"


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """A server with an Atom and an RSS feed, at /atom and /rss."""
    with FeedServer() as server:
        server.pages = {"/atom": (200, ATOM), "/rss": (200, RSS)}
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
