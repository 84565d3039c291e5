"""Characters of the symbol fonts of Word, as Unicode."""

SYMBOL_FONTS = frozenset({"symbol", "wingdings", "wingdings 2", "wingdings 3", "webdings"})
UNKNOWN = "\ufffd"
PRIVATE = range(0xF000, 0xF100)  # where Word puts the 256 places of a symbol font
BULLET = "•"


def _table(pairs: str) -> dict[int, str]:
    """Codes and characters, as "FC✓ FB✗"."""
    return {int(pair[:2], 16): pair[2:] for pair in pairs.split()}


def _codes(pairs: str) -> dict[int, str]:
    """The same by numbers, for letters that look like others: "613b1" is alpha."""
    return {int(pair[:2], 16): chr(int(pair[2:], 16)) for pair in pairs.split()}


TABLES = {
    "wingdings": _table(
        "20\u00a0 21✏ 22✂ 23✁ 28☎ 29✆ 2A✉ 36⌛ 3F✍ 41✌ 43👍 44👎 45☜ 46☞ 47☝ 48☟ 4A☺ 4B😐 4C☹ "
        "4F⚐ 54❄ 6C● 6D❍ 6E■ 6F☐ 70☐ 71☐ 72☐ 73⬧ 74⧫ 75◆ 76❖ 77⬥ 78☒ 7B❀ 80⓪ 81① 82② 83③ 84④ "
        "85⑤ 86⑥ 87⑦ 88⑧ 89⑨ 8A⑩ 8C❶ 8D❷ 8E❸ 8F❹ 90❺ 91❻ 92❼ 93❽ 94❾ 95❿ 9E· 9F• A0· A1○ A2○ "
        "A4◉ A5◎ A7▪ A8☐ AA✦ AB★ AC✶ B0⌖ B7• B8⌚ D5⌫ D6⌦ D8➢ DC➲ DF← E0→ E1↑ E2↓ E8→ E9↑ EA↓ "
        "EF⇦ F0⇨ F1⇧ F2⇩ F3⬄ FB✗ FC✓ FD☒ FE☑"
    ),
    "wingdings 2": _table("2A☐ 30☐ 4F✗ 50✓ 51☒ 52☑ 53☒ 54☒ 55⊗ 56⊗ 96• 97● 98● A2■ A3☐ A4☐ AE◆"),
    "wingdings 3": _table("21→ 22↑ 23↓ 66← 67→ 68↑ 69↓ 74▶ 75◀ 7D▶ 7C◀ 84▶ 85◀ 86▲ 87▼"),
    "webdings": _table("34▶ 61✓ 63☐ 67■ 6E● 72✗ 78✗"),
    "symbol": _codes(
        "20a0 222200 242203 27220b 2A2217 2D2212 402245 41391 42392 433a7 44394 45395 463a6 "
        "47393 48397 49399 4A3d1 4B39a 4C39b 4D39c 4E39d 4F39f 503a0 51398 523a1 533a3 543a4 "
        "553a5 563c2 573a9 5839e 593a8 5A396 5C2234 5E22a5 613b1 623b2 633c7 643b4 653b5 663c6 "
        "673b3 683b7 693b9 6A3d5 6B3ba 6C3bb 6D3bc 6E3bd 6F3bf 703c0 713b8 723c1 733c3 743c4 "
        "753c5 763d6 773c9 783be 793c8 7A3b6 7E223c A020ac A22032 A32264 A42044 A5221e A72663 "
        "A82666 A92665 AA2660 AB2194 AC2190 AD2191 AE2192 AF2193 B0b0 B1b1 B22033 B32265 B4d7 "
        "B5221d B62202 B72022 B8f7 B92260 BA2261 BB2248 BC2026 C62205 C72229 C8222a CC2282 "
        "CD2286 CE2208 CF2209 D02220 D2ae D3a9 D42122 D6221a D722c5 D8ac D92227 DA2228 DB21d4 "
        "DC21d0 DE21d2 E025ca E52211 F2222b"
    ),
}


def symbol_text(font: str, code: int) -> str:
    """The character of a font at a code; UNKNOWN if only the font's drawing could tell."""
    # Example: Word writes a tick as <w:sym w:font="Wingdings" w:char="F0FC"/>.
    table = TABLES.get(font.lower())
    place = code - PRIVATE.start if code in PRIVATE else code
    if table is not None:
        plain = chr(place) if font.lower() == "symbol" and 0x20 < place < 0x7F else UNKNOWN
        return table.get(place, plain)
    if code in PRIVATE:
        return TABLES["symbol"].get(place, UNKNOWN)
    unusable = code > 0x10FFFF or 0xD800 <= code < 0xE000 or 0xE000 <= code < 0xF900
    return UNKNOWN if unusable or code < 0x20 else chr(code)


def text_in_font(text: str, font: str) -> str:
    """Text as its font shows it: letters of a symbol font are pictures."""
    if font.lower() in SYMBOL_FONTS:
        return "".join(
            character if character.isspace() else symbol_text(font, ord(character))
            for character in text
        )
    if not text.isascii() and any(ord(character) in PRIVATE for character in text):
        return "".join(
            symbol_text(font, ord(character)) if ord(character) in PRIVATE else character
            for character in text
        )
    return text


def bullet_text(text: str, font: str) -> str:
    """A bullet, whatever its picture; a box or tick, as lists of answers have, stays one."""
    character = text_in_font(text, font).strip()
    return character if character and character in "☐☑☒✓✗\u2013-" else BULLET
