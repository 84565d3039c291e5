"""Licences that records, data and frameworks name: short names, labels and addresses. Pure."""

import re

LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC-BY-NC-ND-4.0": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    "CC-BY-ND-4.0": "https://creativecommons.org/licenses/by-nd/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "OGL-UK-3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
"""Short name (as in the SPDX list) -> address of the text."""
LABELS = {
    "CC0-1.0": "Creative Commons CC0 1.0 (no rights reserved)",
    "OGL-UK-3.0": "Open Government Licence 3.0",
}
_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)")
_NOT_IN_A_NAME = re.compile(r"[\W_]+")


def _folded(text: str) -> str:
    return _NOT_IN_A_NAME.sub("", text.casefold())


def licence_label(name: str) -> str:
    """A licence in words: "CC-BY-4.0" -> "Creative Commons BY 4.0"; other terms as they are."""
    match = _CREATIVE_COMMONS.fullmatch(name)
    return LABELS.get(name) or (f"Creative Commons {match[1]} {match[2]}" if match else name)


def licence_url(name: str) -> str:
    """Address of the text of a licence, "" for terms that are none of LICENCES."""
    return LICENCES.get(name, "")


_KNOWN = {
    _folded(form.removeprefix("https://").removesuffix("/")): name
    for name, url in LICENCES.items()
    for form in (name, url, licence_label(name), name.replace("CC-BY", "CC BY"))
}


def licence_in(text: str) -> str:
    """The short name of a licence that is written in another way; other terms as they are.

    "cc by 4.0" and "http://creativecommons.org/licenses/by/4.0" are both "CC-BY-4.0".
    """
    plain = re.sub(r"^https?://(www\.)?", "", text.strip().rstrip("/."))
    forms = (_folded(plain), _folded(f"www.{plain}"))
    return next((_KNOWN[form] for form in forms if form in _KNOWN), text.strip())
