"""Expressions over codes: parsed, and evaluated for the codes that occur together. Pure.

    expression = any ; any = all {"OR" all} ; all = one {["AND"] one} ; one = {"NOT"} primary
    primary    = "(" any ")" | code | code"*"

The operators are those of the search: upper case, AND may be left out, NOT binds most tightly. A
star stands for the codes that begin so. Anything else is refused with its position: a query over
codes must not silently become another one.
"""

# Example: "prac.early AND NOT (cond.neglect OR cond.drink*)" is true for {prac.early, cond.x}, and
# not for {prac.early, cond.drinking}.

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from waymark.core.errors import ParseError
from waymark.core.near_names import did_you_mean

LONGEST = 1_000
DEEPEST = 20
TOKEN = re.compile(r"\s*(?:(?P<bracket>[()])|(?P<word>[A-Za-z0-9_.]+\*?)|(?P<other>\S))")
OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class CodeTerm:
    """A code, or the beginning of several."""

    code: str
    is_prefix: bool = False

    def matches(self, code: str) -> bool:
        """True if the term means this code."""
        return code.startswith(self.code) if self.is_prefix else code == self.code

    def holds(self, codes: Collection[str]) -> bool:
        return any(map(self.matches, codes)) if self.is_prefix else self.code in codes


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["CodeExpression", ...]

    def holds(self, codes: Collection[str]) -> bool:
        return all(part.holds(codes) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["CodeExpression", ...]

    def holds(self, codes: Collection[str]) -> bool:
        return any(part.holds(codes) for part in self.parts)


@dataclass(frozen=True, slots=True)
class NoneOf:
    part: "CodeExpression"

    def holds(self, codes: Collection[str]) -> bool:
        return not self.part.holds(codes)


CodeExpression = CodeTerm | AllOf | AnyOf | NoneOf


def wanted_terms(expression: CodeExpression) -> list[CodeTerm]:
    """The terms that are not under a NOT: codings of these are what a query lists."""
    if isinstance(expression, CodeTerm):
        return [expression]
    if isinstance(expression, NoneOf):
        return []
    return [term for part in expression.parts for term in wanted_terms(part)]


def star_count(expression: CodeExpression) -> int:
    """Number of terms with a star, each of which is compared with every code of a place."""
    if isinstance(expression, CodeTerm):
        return int(expression.is_prefix)
    if isinstance(expression, NoneOf):
        return star_count(expression.part)
    return sum(map(star_count, expression.parts))


def parse_codes(text: str, known: Collection[str]) -> CodeExpression:
    """Parse an expression. known: ids of codes. Raises ParseError."""
    if len(text) > LONGEST:
        raise ParseError(f"use at most {LONGEST:,} characters", text=text, at=LONGEST)
    parser = _ExpressionParser(text, known)
    expression = parser.any(0)
    if parser.lexeme:
        raise parser.error("this bracket is not opened")
    if not wanted_terms(expression):
        raise ParseError("name a code that is not after NOT", text=text, at=0)
    return expression


def with_code(text: str, operator: str, code: str, known: Collection[str]) -> str:
    """An expression with one more code. operator: "AND", "OR" or "AND NOT". Raises ParseError.

    Brackets keep what the expression meant: "a OR b" with AND c is "(a OR b) AND c".
    """
    if not text.strip():
        return code
    expression = parse_codes(text, known)
    before = text.strip()
    if operator != "OR" and isinstance(expression, AnyOf):
        before = f"({before})"
    longer = f"{before} {operator} {code}"
    parse_codes(longer, known)
    return longer


class _ExpressionParser:
    def __init__(self, text: str, known: Collection[str]) -> None:
        self.text, self.known = text, known
        self.at = self.start = 0
        self.lexeme = ""
        self._next()

    def error(self, reason: str) -> ParseError:
        return ParseError(reason, text=self.text, at=self.start)

    def _next(self) -> str:
        """Go to the next token; returns the one before."""
        before = self.lexeme
        match = TOKEN.match(self.text, self.at)
        if match is None:
            self.lexeme, self.start = "", len(self.text)
            return before
        self.at, self.start = match.end(), match.end() - len(match[0].lstrip())
        self.lexeme = match[0].strip()
        if match["other"]:
            raise self.error("write codes, AND, OR, NOT and brackets")
        return before

    def any(self, depth: int) -> CodeExpression:
        return self._joined(lambda: self._all(depth), lambda: self.lexeme == "OR", AnyOf)

    def _all(self, depth: int) -> CodeExpression:
        def goes_on() -> bool:
            return self.lexeme not in {"", ")", "OR"}

        return self._joined(lambda: self._one(depth), goes_on, AllOf)

    def _joined(
        self,
        part: Callable[[], CodeExpression],
        goes_on: Callable[[], bool],
        kind: type[AllOf] | type[AnyOf],
    ) -> CodeExpression:
        parts = [part()]
        while goes_on():
            if self.lexeme in {"OR", "AND"}:
                self._next()
            parts.append(part())
        return parts[0] if len(parts) == 1 else kind(tuple(parts))

    def _one(self, depth: int) -> CodeExpression:
        if depth > DEEPEST:
            raise self.error("there are too many brackets and NOTs within each other")
        if self.lexeme == "NOT":
            self._next()
            return NoneOf(self._one(depth + 1))
        if self.lexeme == "(":
            self._next()
            inner = self.any(depth + 1)
            if self.lexeme != ")":
                raise self.error("close the bracket")
            self._next()
            return inner
        return self._code()

    def _code(self) -> CodeTerm:
        if not self.lexeme or self.lexeme == ")" or self.lexeme in OPERATORS:
            raise self.error("write a code here")
        name = self.lexeme.removesuffix("*")
        term = CodeTerm(name, is_prefix=self.lexeme.endswith("*"))
        if not any(map(term.matches, self.known)):
            raise self.error(
                f"the framework has no code {self.lexeme}{did_you_mean(name, self.known)}"
            )
        self._next()
        return term
