"""Limits of requests, and what the site tells visitors and search engines."""

from tests.mutants.mutant import Mutant

RULES = (
    Mutant(
        "a body larger than its page accepts is not read",
        "web/middleware/body_limits.py",
        "if size > largest_body(",
        "if size > 1_000 * largest_body(",
        "web/test_bodies.py",
        "nothing_of_a_body",
    ),
    Mutant(
        "a visitor sends little to a page without files",
        "web/middleware/body_limits.py",
        "        return SMALL\n",
        "        return MEDIUM\n",
        "web/test_bodies.py",
        "takes_so_many_bytes",
    ),
    Mutant(
        "a body without a stated size is refused",
        "web/middleware/body_limits.py",
        'if request.headers.get("Transfer-Encoding"):',
        "if False:",
        "web/test_bodies.py",
        "does_not_say_its_size",
    ),
    Mutant(
        "a body that would fill the disk is refused",
        "web/middleware/body_limits.py",
        "< ROOM + 2 * under_way:",
        "< 0:",
        "web/test_bodies.py",
        "disk_has_no_room",
    ),
    Mutant(
        "one address takes only a part of the places for large bodies",
        "web/middleware/body_limits.py",
        " and self._of[address] < LARGE_EACH",
        "",
        "web/test_bodies.py",
        "part_of_the_places",
    ),
    Mutant(
        "a file is dropped at the first byte over the limit while it is received",
        "web/shared/upload_limits.py",
        "if start + len(raw_data) > self.largest:",
        "if start + len(raw_data) > 2 * self.largest:",
        "web/test_receiving.py",
    ),
    Mutant(
        "costly searches of one visitor are limited",
        "web/shared/rate_limit.py",
        "allowed = left >= 1",
        "allowed = True",
        "web/test_library.py",
        "far_pages",
    ),
    Mutant(
        "files that are too large together are dropped while they are received",
        "web/shared/upload_limits.py",
        "return self.taken > self.together",
        "return False",
        "web/test_receiving.py",
        "too_much_together",
    ),
    Mutant(
        "error pages are never listed by search engines",
        "web/middleware/robots.py",
        "if answer.status_code != 200 or not is_listed(request):",
        "if not is_listed(request):",
        "web/test_repository_pages.py",
        "errors_and_tombstones",
    ),
)
