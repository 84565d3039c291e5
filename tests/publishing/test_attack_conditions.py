"""Files of an overview with tables under a condition, attacked as a stranger would attack them."""

from dataclasses import replace

import pytest

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec
from tests.publishing.small_release import EDITION, PROVENANCE
from waymark.overview.releases.release import make_release
from waymark.overview.snapshot.rows import freeze_rows
from waymark.publishing.attack.audit import attack_folders
from waymark.publishing.document.render import plain_document
from waymark.publishing.queries.export import FORMATS

CONDITION = "where: {variable: nature, values: [assault, infant_death, suicide_or_accident]}"
TABLES = """\
  - id: T31
    kind: contacts
    title: Services in reviews of a death
    group: agencies
    order: count
    WHERE
  - id: T32
    kind: states
    title: Factors in reviews of a death
    group: factors
    order: count
    WHERE
  - id: T33
    kind: themes
    title: Themes in reviews of a death
    of: {themes: true}
    WHERE
  - id: T34
    kind: cooccurrence
    title: Recorded together in reviews of a death
    WHERE
    of:
      - {label: Domestic violence, any_of: [fac.domestic_violence]}
      - {label: Parental mental health problem, any_of: [fac.parental_mental_health]}
      - {label: Substance misuse, any_of: [fac.alcohol_misuse, fac.drug_misuse]}
figures:
""".replace("WHERE", CONDITION)
NAMED = ("children", "double_coded")
PLACED = ("judgements", "codes", "recommendations")


def times(number):
    """The fixture so many times over: 24 reviews are too few to be divided under a profile."""
    rows, made = fixture_rows(), {name: [] for name in ("reviews", *NAMED, *PLACED)}
    for time in range(number):

        def again(review, time=time):
            return f"R{int(review[1:]) + 24 * time:02d}"

        def elsewhere(row, time=time):
            return tuple((f"{int(one[0], 16) + 24 * time:012x}", *one[1:]) for one in row.places)

        made["reviews"] += [replace(one, reference=again(one.reference)) for one in rows.reviews]
        for name in NAMED:
            made[name] += [replace(one, review=again(one.review)) for one in getattr(rows, name)]
        for name in PLACED:
            made[name] += [
                one._replace(review=again(one.review), places=elsewhere(one))
                for one in getattr(rows, name)
            ]
    same = {name: getattr(rows, name) for name in ("framework", "framework_sha256", "spec")}
    return freeze_rows(**same, **made)


@pytest.mark.parametrize(("profile", "number"), [("k3", 2), ("k5", 3), ("r5", 2)])
def test_nothing_is_exposed_where_tables_are_counted_with_and_without_a_condition(
    profile, number, tmp_path
):
    asked = spec(DEMO_SPEC.replace("figures:\n", TABLES, 1))
    release = make_release(
        times(number), asked, framework(), profile=profile, provenance=PROVENANCE
    )
    made = plain_document(release, EDITION)
    for maker in FORMATS.values():
        for name, content in maker(release, made):
            (tmp_path / name).write_bytes(content)
    audit = attack_folders(tmp_path)
    assert (audit.profile, audit.k) == (profile, int(profile[1]))
    assert audit.leaks == ()
    assert audit.exposed == ()
    under = [one.table for one in audit.narrowed if one.table in {"T31", "T32", "T34"}]
    assert under
