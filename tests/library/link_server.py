"""A small HTTP server on this computer, for links."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Answers(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def _answer(self, method: str) -> None:
        server = self.server
        server.asked.append((method, self.path))
        status, target = server.pages.get((method, self.path)) or server.pages.get(
            ("*", self.path), (404, "")
        )
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", "1000000000")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class LinkServer(ThreadingHTTPServer):
    """pages: (method or *, path) -> status, 0 for a closed connection, and where it leads."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.pages: dict[tuple[str, str], tuple[int, str]] = {}
        self.asked: list[tuple[str, str]] = []

    def address(self, path: str, host: str = "localhost") -> str:
        return f"http://{host}:{self.server_port}{path}"


@contextmanager
def link_server() -> Iterator[LinkServer]:
    """A server whose pages a test sets; all others are 404."""
    with LinkServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
