"""Page on which people see where they are signed in, and sign out there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts import services
from waymark.accounts.models import User
from waymark.accounts.sessions import live_sessions
from waymark.core.errors import NotPermitted, RuleError
from waymark.core.wording import counted


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    """One's own sessions; one of them, or all others, can be ended."""
    person, key = request.user, request.session.session_key
    if not isinstance(person, User):  # login_required has seen to it; this tells the type checker
        raise NotPermitted("sign in to see your sessions")
    wrong = ""
    if request.method == "POST":
        try:
            messages.success(request, _end(request, key))
            return redirect("own-sessions")
        except RuleError as error:
            wrong = str(error)
    context = {
        "sessions": live_sessions(person, now=timezone.now(), current=key),
        "wrong": wrong,
    }
    return render(request, "accounts/sessions.html", context, status=400 if wrong else 200)


def _end(request: HttpRequest, key: str | None) -> str:
    """End what the sent form names, and return a message. Raises RuleError."""
    by, now, mark = request.user, timezone.now(), request.POST.get("session", "")
    if mark:
        services.end_own_session(by=by, mark=mark, now=now)
        return "You are signed out there."
    if request.POST.get("do") != "others":
        raise RuleError("choose a button on this page")
    ended = services.end_other_sessions(by=by, keep=key, now=now)
    return f"You are signed out of {counted(ended, 'other session')}."
