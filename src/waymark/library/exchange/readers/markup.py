"""Signs of HTML and XML in texts that should have none, as databases export titles and abstracts.

"Cosaint &amp; <i>páiste</i>" -> "Cosaint & páiste". Only the tags of running text are removed:
"<5 years" and "<tag>" are words of a title.
"""

import html
import re

NAMES = "i|b|u|em|strong|sub|sup|span|small|sc|font|a|jats:(?:italic|bold|sub|sup|title)"
INLINE = re.compile(rf"</?(?:{NAMES})(?:\s[^<>]*)?>", re.IGNORECASE)
BREAK = re.compile(r"</?(?:p|br|div|h[1-6]|li|jats:(?:p|sec))(?:\s[^<>]*)?/?>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def without_markup(text: str) -> str:
    """The text without tags, its entities as the signs they stand for; a paragraph's end as "\n\n".

    Entities are decoded once, after the tags: "&lt;b&gt;" is a text about a tag.
    """
    if "<" in text:
        text = BREAK.sub("\n\n", INLINE.sub("", text))
    return ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text
