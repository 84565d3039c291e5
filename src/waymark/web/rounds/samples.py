"""Pages on which a person reads passages without a suggestion and says which codes they have."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_account
from waymark.coding import services
from waymark.coding.models import PassageSample
from waymark.coding.queries import samples as queries
from waymark.core.errors import RuleError, require_found
from waymark.web.rounds.suggesters import require_on
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.code_picker import code_choices, codes_by_section, picked_code
from waymark.web.shared.fields import CODE, TextField, TicksField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

NONE = "-"
"""Choice of a reader who found no code, which is an answer too."""
SAMPLES = StaffList(
    "sample",
    "samples",
    search=("machine__name", "framework__name"),
    columns=(
        ListColumn("Sample", "drawn", ("drawn_at",), falling=True),
        ListColumn("Suggester", "suggester", ("machine__name",)),
        ListColumn("Framework", "framework", ("framework__name", "framework__version")),
        ListColumn("Passages", "size", ("size",), falling=True, number=True),
        ListColumn("Read", "read", ("answered",), falling=True, number=True),
    ),
    order="-drawn",
)


@require_safe
def sample_list(request: HttpRequest) -> HttpResponse:
    """The samples that the person is asked to read."""
    rows = queries.own_samples(request.user, timezone.now())
    require_on()
    return render(request, "suggestions/samples.html", {"list": SAMPLES.view(request, rows)})


class SampledPassageForm(SiteForm):
    """The codes of a passage: ticked under their sections, or found by a part of their name."""

    pick = TextField(
        "Find a code",
        hint="Type a part of its name or id and choose it. It is ticked below.",
        most=300,
        attrs=CODE | {"list": "code-names"},
    )
    codes = TicksField(
        "Which codes does the passage have?",
        (),
        missing="Tick the codes that the passage has, or “None of these codes”.",
    )

    def __init__(self, sample: PassageSample, **options: Any) -> None:
        super().__init__(**options)
        self.framework = sample.framework
        self.fields["codes"].choices = [  # type: ignore[attr-defined]
            (NONE, "None of these codes"),
            *codes_by_section(sample.framework),
        ]

    def tick_picked(self) -> None:
        """Tick the code whose name was typed. Adds an error if the words name none, or several."""
        words = str(self.data.get("pick", "")).strip()
        if not words:
            return
        try:
            code = picked_code(words, self.framework)
        except RuleError as error:
            self.refuse(error, "pick", alone=True)
            return
        data = QueryDict(mutable=True)
        data.update(self.data)
        ticked = [ticked for ticked in data.getlist("codes") if ticked != NONE]
        data.setlist("codes", list(dict.fromkeys([*ticked, code])))
        data["pick"] = ""
        self.data = data

    def clean_codes(self) -> list[str]:
        """Codes, or none at all."""
        codes: list[str] = self.cleaned_data["codes"]
        if NONE in codes and len(codes) > 1:
            self.add_error("codes", "Tick either codes or “None of these codes”.")
        return [code for code in codes if code != NONE]


@require_http_methods(["GET", "HEAD", "POST"])
def read_sample(request: HttpRequest, number: int) -> HttpResponse:
    """The next passage of a sample, or the one of a number, and the form for its codes."""
    reader = require_account(request.user, "code", "read passages")
    require_on()
    now = timezone.now()
    sample = queries.sample_for(number, reader, now)
    wanted = whole_number(request.POST.get("passage", request.GET.get("passage", ""))) or 0
    passage = queries.passage_to_read(sample, wanted, now)
    if request.method == "POST":
        passage = require_found(passage, "there is no such passage in the sample")
    if passage is None:
        require_found(None if wanted else sample, "there is no such passage in the sample")
        return render(request, "suggestions/sample.html", {"sample": sample, "passage": None})
    initial = {"codes": passage.row.codes or [NONE]} if passage.row.answered_at else {}
    form = SampledPassageForm.of(request, sample, initial=initial)
    if request.method == "POST":
        form.tick_picked()
    if request.method == "POST" and form.action != "pick" and form.is_valid():
        services.answer_passage(
            by=reader, passage=passage.row, codes=form.cleaned_data["codes"], now=now
        )
        messages.success(request, f"Passage {passage.row.number} saved.")
        return redirect(reverse("passage-sample", args=[number]))
    context = {
        "sample": sample,
        "passage": passage,
        "form": form,
        "codes": code_choices(sample.framework),
    }
    return render(request, "suggestions/sample.html", context, status=form.http_status)
