"""Parse the forms of RDF in which SKOS is written: Turtle, N-Triples, RDF/XML and JSON-LD.

The form is known by the content. Nothing is fetched: neither the entities of XML nor the contexts
of JSON-LD nor what a vocabulary imports.
"""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from rdflib import Graph
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.plugins.parsers.notation3 import BadSyntax

from waymark.core.errors import FileFault, SpecError

MAX_DEPTH = 200
NO_TEXT = re.compile("[\\x00\\ud800-\\udfff]")
"""NUL and halves of pairs, which escapes can write and no database stores."""
BEGINS_AS_XML = re.compile(r"\s*<(\?xml\s|!|(\w[\w.-]*:)?RDF[\s>])")
DECLARED_ENCODING = re.compile(r"""(<\?xml[^>]*?)\s+encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
OLD_ENCODINGS = frozenset({"iso-8859-1", "iso-8859-15", "windows-1252", "latin1"})
"""Encodings that are read if an XML file declares them."""


def decode_source(source: bytes, file: str) -> str:
    """The text of a file, without the encoding that XML declares. Raises SpecError.

    UTF-8 is read whatever is declared; UTF-16 by its byte order mark.
    """
    try:
        utf16 = source.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        text = source.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        text = _in_declared_encoding(source)
        if not text:
            line = source[: error.start].count(b"\n") + 1
            reason = "is not UTF-8: save the file as UTF-8"
            raise SpecError(file, [FileFault(line, reason)]) from error
    return DECLARED_ENCODING.sub(r"\1", text, count=1)


def _in_declared_encoding(source: bytes) -> str:
    """The text of XML in an old encoding that it declares, else ""."""
    text = source.decode("latin-1")
    declared = DECLARED_ENCODING.match(text)
    name = declared[2].lower() if declared else ""
    return source.decode(name, "replace") if name in OLD_ENCODINGS else ""


def parse_statements(text: str, file: str) -> Graph:
    """The statements of a text in one of the four forms. Raises SpecError with the line."""
    line = _line_too_deep(text)
    if line:
        raise SpecError(file, [FileFault(line, f"has brackets more than {MAX_DEPTH} deep")])
    graph = _parse_form(text, file)
    for value in graph.objects():
        if match := NO_TEXT.search(str(value)):
            reason = f"has the character U+{ord(match[0]):04X}, which no text can contain"
            raise SpecError(file, [FileFault(0, reason)])
    return graph


def _parse_form(text: str, file: str) -> Graph:
    if BEGINS_AS_XML.match(text):
        return _parse_xml(text, file)
    # Turtle may begin with "[", too, but never with "{".
    if re.match(r"\s*(\{|\[\s*\{)", text):
        return _parse_json(text, file)
    try:
        # N-Triples are Turtle.
        return Graph().parse(data=text, format="turtle")
    except BadSyntax as error:
        reason = str(error._why).strip() or "cannot be read"
        raise SpecError(file, [FileFault(error.lines + 1, f"not Turtle: {reason}")]) from error
    except (ValueError, IndexError, AssertionError, RecursionError, TypeError, KeyError) as error:
        # rdflib's parser fails on some malformed texts with plain Python errors.
        raise SpecError(file, [FileFault(0, f"not Turtle: {error}")]) from error


def _line_too_deep(text: str) -> int:
    """The line in which brackets nest deeper than the recursive parsers can follow, or 0."""
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for sign in line:
            # Signs in texts count too, which only matters for a text with 200 opening brackets.
            depth += (sign in "[({") - (sign in "])}")
            if depth > MAX_DEPTH:
                return number
    return 0


def _parse_xml(text: str, file: str) -> Graph:
    try:
        # First, because rdflib would resolve the entities of a document type.
        fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException as error:
        reason = "has a document type (<!DOCTYPE ...>): for safety, we do not accept such files"
        raise SpecError(file, [FileFault(1, reason)]) from error
    except ParseError as error:
        raise SpecError(file, [FileFault(error.position[0], f"not XML: {error}")]) from error
    try:
        return Graph().parse(data=text, format="xml")
    # rdflib raises what its parsers raise: errors of XML, of addresses, of its own.
    except Exception as error:
        raise SpecError(file, [FileFault(0, f"not RDF/XML: {error}")]) from error


def _parse_json(text: str, file: str) -> Graph:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise SpecError(file, [FileFault(error.lineno, f"not JSON-LD: {error.msg}")]) from error
    # rdflib would fetch a context, from a website or from this computer's own files.
    for address in _fetched_contexts(document):
        reason = f"has its context at {address[:120]}: we fetch nothing, so put it in the file"
        raise SpecError(file, [FileFault(0, reason)])
    graph = Graph()
    try:
        # Not Graph.parse(): it would parse the text again, which must be what was checked.
        to_rdf(document, graph)
    except Exception as error:
        raise SpecError(file, [FileFault(0, f"not JSON-LD: {error}")]) from error
    return graph


def _fetched_contexts(value: object) -> Iterator[str]:
    """The addresses of contexts outside the file."""
    if isinstance(value, list):
        for part in value:
            yield from _fetched_contexts(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key in {"@context", "@import"}:
                parts = part if isinstance(part, list) else [part]
                yield from (address for address in parts if isinstance(address, str))
            yield from _fetched_contexts(part)
