"""Keys: what the keyboard does in the workbench, and the coder's own keys of codes, to print."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_account
from waymark.coding import services
from waymark.coding.queries.workbench import keys_of
from waymark.coding.services.preferences import LETTERS
from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.frameworks.queries import framework_for
from waymark.web.workbench.code_tree import code_groups

FIELD = "key-"
"""Beginning of the names of the fields, before the code."""
KEYS = (
    ("Move", "←  →", "one word back or on"),
    ("Move", "↑  ↓", "one sentence back or on"),
    ("Move", "Ctrl ↑  Ctrl ↓", "one passage back or on"),
    ("Move", "Page Up  Page Down", "one page back or on"),
    ("Move", "Home  End", "the first or last sentence of the page"),
    ("Move", "Ctrl Home  Ctrl End", "the beginning or end of the report"),
    ("Move", "Ctrl G", "a page by its number"),
    (
        "Move",
        "Ctrl F",
        "find words in the whole report; then F3 and Shift F3 for the next and previous place",
    ),
    ("Move", ";  :", "next or previous passage without a coding"),
    ("Choose", "Shift with any of these", "choose more or fewer words"),
    ("Choose", ",", "move the other end of what is chosen"),
    ("Choose", "Esc", "choose one word again"),
    ("Code", "a to z", "the code with this key of your own, or search for codes with this letter"),
    ("Code", "1 to 9", "a code used last, by its number"),
    ("Code", ".", "the same code as before"),
    ("Code", "Enter  /", "search the codes; then Enter for the first, 1 to 9 for another"),
    ("Codings", "+  -", "next or previous coding, in the whole report"),
    ("Codings", "=", "give the open coding, or the only one on the chosen words, these words"),
    ("Codings", "Delete", "remove the open coding, or the only one on the chosen words"),
    ("Codings", "F2", "memo of the open coding, or of the last one on the chosen words"),
    ("Codings", "F4", "qualifiers of that coding; Esc leads back to the text"),
    ("Any time", "Ctrl Z", "undo"),
    ("Any time", "Ctrl Y", "redo"),
    (
        "Any time",
        "Ctrl Enter",
        "mark the page as read, and go to the next page or report",
    ),
    ("Any time", "?", "show these keys; Esc leads back to the text"),
    ("Any time", "Ctrl .", "show or hide a hidden passage"),
)
"""Group, key, what it does."""


@require_http_methods(["GET", "HEAD", "POST"])
def coding_keys(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """The key sheet, and the form to choose a letter for each code."""
    coder = require_account(request.user, "code", "choose keys")
    framework = framework_for(name, version)
    keys = keys_of(coder, framework)
    problem = ""
    if request.method == "POST":
        typed = {field: request.POST.get(field, "") for field in request.POST}
        keys = {
            field.removeprefix(FIELD): value.strip().lower()[:5]
            for field, value in typed.items()
            if field.startswith(FIELD) and value.strip()
        }
        try:
            services.choose_keys(by=coder, framework=framework, keys=keys)
        except RuleError as error:
            problem = as_sentence(error)
        else:
            messages.success(request, "Your keys are saved.")
            return redirect("coding-keys", name=name, version=version)
    groups = code_groups(framework)
    own = [
        (keys[choice.code.code], choice.code)
        for group in groups
        for choice in group.choices
        if choice.code.code in keys
    ]
    context = {
        "framework": framework,
        "groups": groups,
        "keys": keys,
        "own": sorted(own, key=lambda pair: pair[0]),
        "fixed": KEYS,
        "letters": LETTERS,
        "problem": problem,
    }
    return render(request, "workbench/keys.html", context, status=400 if problem else 200)
