"""Every service that changes something for a person asks for the permission named here first."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django.contrib.auth.models import AnonymousUser

import waymark
from tests.factories import make_person
from waymark.accounts.models import Role
from waymark.accounts.permissions import ALLOWED
from waymark.core.errors import NotPermitted

SERVICES = {
    "manage accounts": (
        "accounts.services.people: create_account grant_role withdraw_role close_account",
        "accounts.services.people: reopen_account reset_password",
        "accounts.services.people: add_person change_email forget_failures",
        "accounts.services.links: add_invitation",
        "accounts.services.organisation: link_organisation unlink_organisation",
        "accounts.services.second_factor: remove_factor",
        "accounts.services.sessions: end_sessions",
        "pipeline.mail.account_links: invite_person invite_again",
    ),
    "pause sending": ("accounts.installation: pause_sending resume_sending",),
    "add reports": (
        "documents.services.hidden_text: record_check",
        "documents.services.intake: receive_upload finish_intake refuse_intake sweep_leftovers",
        "documents.services.intake: postpone_intake refuse_held check_quota",
        "documents.services.quarantine: move_aside bring_back",
        "documents.services.readings: replace_reading propose_reading",
        "documents.services.readings: accept_reading reject_reading decide_move",
        "coding.services.codings: merge_codings move_codings",
        "profiles.services: move_quotes",
        "recommendations.services.recording: move_recommendations",
        "library.services.reviews: move_abstract_places",
        "pipeline.documents.rereading: reread_reports propose_reading accept_reading decide_move",
        "documents.services.recognition: finish_page fail_page choose_pages release_pages",
        "documents.services.recognition: mark_in_text fail_reading",
        "documents.services.reports: store_report",
        "documents.services.reviews: add_review",
        "pipeline.documents.hidden_text: check_stored_reports",
        "pipeline.documents.recognition: recognise_pages choose_words",
        "pipeline.documents.intake: store_file",
        "pipeline.documents.ingest_batch: ingest_files preview_ingest",
    ),
    "check anonymity": (
        "documents.services.anonymity: refresh_identifiers answer_identifiers",
        "documents.services.anonymity: list_words unlist_words",
        "library.services.public_words: answer_public_words",
    ),
    "decide on hidden text": (
        "documents.services.hidden_text: answer_hidden_text answer_properties",
    ),
    "publish reports": (
        "accounts.publication_state: set_state",
        "documents.services.filing: erase_original",
        "coding.services.erasure: erase_machine_words",
        "pipeline.removals.erasing: erase_file",
        "documents.services.reviews: set_review_state set_report_state",
        "library.services.authors: hide_author show_author",
        "library.services.family: record_family_notification withdraw_family_notification",
        "library.services.resources: set_resource_state",
        "library.services.concerns: lock_open_concern note_hidden note_decision",
        "library.services.notices: add_notice end_notice",
        "library.services.originals: offer_original stop_offering_original",
        "pipeline.concerns: hide_for_concern decide_concern",
        "recommendations.services.importing: set_scheme_state",
        "library.services.retention: set_retention begin_retention note_removal",
    ),
    "handle deposits": (
        "documents.services.filing: enter_review move_reports name_report",
        "library.services.deposits: lock_undecided begin_check note_filed",
        "library.services.deposits: note_published note_returned tell_withdrawn",
        "library.services.deposits: drop_unconfirmed",
        "pipeline.documents.deposits: begin_check return_deposit return_deposits",
    ),
    "catalogue": (
        "bodies.services: add_body change_body add_bodies_of_reviews add_succession",
        "bodies.services: remove_succession merge_bodies undo_merge",
        "library.services.holdings: add_holding remove_holding",
        "library.services.links: check_link_soon",
        "library.services.authors: add_author change_author add_authors_of_works",
        "library.services.authors: merge_authors undo_author_merge move_work",
        "library.services.authors: tell_authors_apart forget_difference",
        "documents.services.reviews: change_review",
        "library.services.bulk_changes: open_bulk_change note_item note_undo close_undo",
        "pipeline.bulk_changes: plan_bulk_change apply_bulk_change",
        "pipeline.bulk_changes: plan_bulk_undo undo_bulk_change",
        "library.services.imports: open_import drop_import note_records",
        "library.services.imports: close_import mark_undone keep_abstract note_left_out",
        "library.services.meaning: store_gate",
        "library.services.indexing: catalogue_review catalogue_resource catalogue_new_resource",
        "library.services.records: set_subjects change_subjects link_records unlink_records",
        "library.services.records: add_subjects",
        "library.services.resources: add_resource add_resources",
        "library.services.resources: change_resource rename_resource",
        "library.services.reviews: set_details record_step take_back_step set_abstract_places",
        "pipeline.library.import_records: import_upload import_reading import_some undo_import",
        "pipeline.library.left_out_records: take_left_out",
    ),
    "edit the thesaurus": (
        "library.services.thesaurus: preview_thesaurus load_thesaurus load_builtin",
        "library.services.thesaurus: preview_upgrade upgrade_thesaurus",
        "library.services.thesaurus: add_subject change_subject end_subject merge_subjects",
    ),
    "edit topics": (
        "library.services.topics: load_topics load_builtin_topics",
        "library.services.topics: add_topic change_topic withdraw_topic restore_topic",
    ),
    "edit alerts": (
        "alerts.services.issues: open_draft store_draft change_issue add_item change_item",
        "alerts.services.issues: append_item move_item group_items remove_item",
        "alerts.services.candidates: store_candidates choose_candidate leave_candidate",
        "alerts.services.candidates: reopen_candidate",
        "alerts.services.sources: fetch_soon",
        "pipeline.alerts.gather_alerts: gather_now",
        "pipeline.alerts.build_alerts: build_issue",
    ),
    "approve alerts": (
        "alerts.services.schedules: start_lists change_schedule",
        "alerts.services.issues: approve_issue discard_draft",
        "alerts.services.corrections: correct_item withdraw_item correct_with_record",
    ),
    "manage feeds": ("alerts.services.sources: add_source end_source retry_source",),
    "manage emails": (
        "mail.services: send_again",
        "alerts.services.sending: settle_unknown retry_failed",
    ),
    "manage subscribers": (
        "alerts.services.bounces: mark_seen",
        "alerts.services.sign_ups: sign_up_caller",
        "alerts.services.subscriptions: stop_subscriber undo_stop",
        "alerts.services.erasure: erase_subscriber erase_address",
    ),
    "handle enquiries": (
        "enquiries.services.answering: lock_enquiry send_answer assign_enquiry note_on_enquiry",
        "enquiries.services.answering: change_kind close_enquiry reopen_enquiry",
        "enquiries.services.drafts: store_draft drop_draft",
        "enquiries.services.search_results: choose_record add_publication save_notes remove_result",
        "enquiries.services.searches: start_search describe_search copy_search lock_search",
        "enquiries.services.searches: finish_search reopen_search",
        "enquiries.services.strategies: add_source remove_source save_lines run_source",
        "enquiries.services.asking: log_call",
        "enquiries.services.inbound: decide_email",
        "enquiries.services.gaps: note_gap change_gap",
        "enquiries.services.consultancy: save_consultancy add_hours",
        "enquiries.services.published_answers: store_answer approve_answer end_approval",
    ),
    "load frameworks": (
        "frameworks.services: load_framework publish_framework",
        "pipeline.coding_exchange.frameworks: import_codebook",
    ),
    "code": (
        "coding.services.codings: finish_coding record_coding withdraw_coding",
        "coding.services.samples: answer_passage",
        "coding.services.suggestion_acts: take_suggestion refuse_suggestion",
        "coding.services.suggestions: decide_suggestion record_decision undo_suggestion_decision",
        "coding.services.preferences: choose_keys choose_settings",
        "coding.services.workbench: add_code change_coding remove_coding write_report_memo",
        "coding.services.workbench: mark_part undo_act redo_act",
        "profiles.services: add_child withdraw_child add_adult withdraw_adult",
        "profiles.services: record_judgement withdraw_judgement",
        "profiles.services: answer_group undo_group_answer",
        "recommendations.services.recording: record_recommendation withdraw_recommendation",
        "pipeline.coding_exchange.project_import: import_project",
        "pipeline.coding_exchange.uploads: propose_project import_proposed",
        "coding.services.exchange: open_project_import note_export change_project_import",
        "coding.services.exchange: close_project_import drop_project_import",
    ),
    "suggest": (
        "coding.services.suggestions: store_suggestions",
        "coding.services.machines: note_run",
    ),
    "lead suggestions": (
        "coding.services.machines: request_training request_suggestions end_machine",
        "coding.services.machines: block_suggestions lift_block",
        "coding.services.samples: draw_sample",
    ),
    "draft with a language model": ("pipeline.quote_drafts: draft_paragraph",),
    "connect language models": ("coding.services.machines: connect_language_model",),
    "adjudicate": (
        "coding.services.codings: assign_coder reopen_coding settle_codes",
        "coding.services.rounds: start_round change_reasons note_return",
        "coding.services.rounds: store_decision undo_decision",
        "profiles.services: unsettle_judgements settle_judgements",
        "pipeline.coding.settling: reopen_coding",
        "pipeline.coding.adjudication: decide settle_decided send_back",
        "pipeline.coding.recoding: queue_recoding",
    ),
    "record progress": (
        "recommendations.services.ledger: add_addressee name_body_of remove_addressee",
        "recommendations.services.ledger: record_entry_of take_back_entry add_action finish_action",
        "recommendations.services.ledger: record_progress record_progress_of",
        "recommendations.services.contacts: add_contact remove_contact",
        "recommendations.services.importing: import_recommendations describe_scheme",
    ),
    "analyse": (
        "overview.services.overviews: create_overview revise_overview freeze_overview",
        "overview.services.table_checks: ask_check",
        "pipeline.publishing.check_tables: ask_table_check",
        "pipeline.publishing.freeze: begin_overview save_overview freeze_overview",
        "pipeline.publishing.preview: preview_overview",
    ),
    "decide on disclosure": ("overview.services.overviews: decide_disclosure",),
    "write overviews": (
        "publishing.services.texts: save_text store_unsaved_text drop_unsaved_text",
        "publishing.services.carrying: carry_over_texts confirm_texts",
        "overview.services.other_overviews: save_other_overview import_other_overviews",
    ),
    "publish overviews": (
        "publishing.services.editions: prepare_edition",
        "overview.services.other_overviews: list_other_overview unlist_other_overview",
    ),
    "write briefings": (
        "briefings.services.texts: add_briefing save_briefing_text",
        "briefings.services.editions: sign_briefing",
        "briefings.services.uses: decide_use",
    ),
    "publish briefings": ("briefings.services.editions: prepare_briefing",),
    "edit indicators": (
        "indicators.services.describing: create_indicator describe_indicator describe_panel",
        "indicators.services.describing: add_series_break remove_series_break",
        "indicators.services.importing: propose_import drop_proposed_import import_values",
        "indicators.services.importing: save_mapping",
        "indicators.services.values: correct_value",
        "indicators.services.annual: add_annual_report describe_annual_report save_annual_text",
        "indicators.services.annual: sign_annual_report",
    ),
    "publish indicators": (
        "indicators.services.describing: set_indicator_state",
        "indicators.services.contacts: publish_highlight withdraw_highlight",
        "indicators.services.annual: prepare_annual_report publish_annual_report",
    ),
    "log contacts": ("indicators.services.contacts: log_contact log_contacts remove_contact",),
    "edit training": (
        "training.services: add_course change_course set_course_state",
        "training.services: add_session change_session cancel_session",
    ),
    "decide on data access": (
        "data_access.services.deciding: propose_approval confirm_approval drop_approval",
        "data_access.services.deciding: refuse_application revoke_access",
    ),
    "see protected numbers": (
        "publishing.services.restricted: open_withheld show_against_decision",
    ),
}
"""Permission -> the services that ask for it, by module."""

BY_KIND = "by the kind of the manuscript: tests/publishing/test_manuscripts.py"
LINK = "whoever has the link of an email"
BY_LEDGER = "by the services of staff and of bodies, which check who may"
OTHERWISE = {
    "alerts.services.erasure.erase_own": LINK,
    "alerts.services.sign_ups.request_new_address": LINK,
    "alerts.services.sign_ups.sign_up": "anybody may sign up",
    "alerts.services.subscriptions.change_preferences": LINK,
    "alerts.services.subscriptions.stop_all": LINK,
    "accounts.services.people.change_password": "a person's own account, with the current password",
    "accounts.services.organisation.link_by_invitation": LINK,
    "accounts.services.passkeys.add_passkey": "a person's own, with the password",
    "accounts.services.passkeys.remove_passkey": "a person's own, with password and factor",
    "accounts.services.second_factor.add_factor": "a person's own, with the password",
    "accounts.services.second_factor.remove_own_factor": "a person's own, with password and factor",
    "accounts.services.second_factor.renew_recovery_codes": "a person's own, with both",
    "accounts.services.sessions.end_other_sessions": "a person's own sessions",
    "accounts.services.sessions.end_own_session": "a person's own sessions",
    "briefings.services.editions.publish_briefing": "by publish_prepared",
    "briefings.services.uses.take_use": "anyone may say how a team used a briefing",
    "data_access.services.applying.apply_for_data": "anybody may apply",
    "datasets.services.export_overview": "what the person may see anyway, from queries",
    "datasets.services.export_records": "what the person may see anyway, from queries",
    "datasets.services.record_export": "writes the audit entry of an export",
    "documents.services.intake.queue_deposit": "anybody may make a deposit",
    "enquiries.services.inbound.take_email": "by the worker: anyone may write to us",
    "enquiries.services.asking.reply_on_page": "anyone who has the private link",
    "enquiries.services.asking.take_enquiry": "anyone may ask",
    "library.services.concerns.take_concern": "anyone may report a concern",
    "library.services.deposits.needs_confirmation": "changes nothing",
    "library.services.deposits.take_deposit": "anybody may make a deposit",
    "library.services.saved_searches.delete_search": "a person's own search",
    "library.services.saved_searches.rename_search": "a person's own search",
    "library.services.saved_searches.save_search": "a person's own search",
    "publishing.services.editions.publish_edition": "by publish_prepared",
    "recommendations.services.contacts.request_link": "anybody may ask for a link",
    "recommendations.services.relations.relate_recommendations": "coders, or who records progress",
    "recommendations.services.relations.take_back_relation": "coders, or who records progress",
    "recommendations.services.ledger.write_action": BY_LEDGER,
    "recommendations.services.ledger.write_done": BY_LEDGER,
    "recommendations.services.ledger.write_entry": BY_LEDGER,
    "recommendations.services.ledger.write_progress": BY_LEDGER,
    "publishing.services.manuscripts.publish_prepared": BY_KIND,
    "publishing.services.manuscripts.save_version": BY_KIND,
    "publishing.services.manuscripts.sign_content": BY_KIND,
    "publishing.services.manuscripts.withdraw_edition": BY_KIND,
    "publishing.services.edition_notes.announce_next_edition": BY_KIND,
    "publishing.services.edition_notes.note_edition": BY_KIND,
    "publishing.services.signing.sign_report": "by capacity: tests/publishing/test_reports.py",
}
"""Service without one permission -> the reason."""


def services_of(action: str) -> Iterator[str]:
    """Names of the services that ask for a permission, below waymark."""
    for line in SERVICES[action]:
        module, _, names = line.partition(": ")
        yield from (f"{module}.{name}" for name in names.split())


def public_services() -> Iterator[str]:
    """Names of all public functions of the services modules with a parameter `by`."""
    for found in walk_packages(waymark.__path__, "waymark."):
        name = found.name.removeprefix("waymark.")
        if "services" not in name.split("."):
            continue
        module = import_module(found.name)
        for function, value in inspect.getmembers(module, inspect.isfunction):
            own = value.__module__ == found.name and not function.startswith("_")
            if own and "by" in inspect.signature(value).parameters:
                yield f"{name}.{function}"


def service(name: str) -> Callable[..., object]:
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"waymark.{module}"), function)


def test_every_service_is_named_here_once_and_a_new_one_has_to_be():
    named = [name for action in SERVICES for name in services_of(action)] + list(OTHERWISE)
    assert len(set(named)) == len(named)
    assert set(public_services()) <= set(named)
    assert [name for name in named if not callable(service(name))] == []
    assert set(SERVICES) == set(ALLOWED) - {"see unpublished reports", "read the audit log"}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role])
def test_a_service_is_refused_to_everybody_without_its_permission(role):
    """Before it looks at anything: the other arguments are None, and nothing else is raised."""
    person = make_person(role) if role else AnonymousUser()
    not_refused = []
    for action in SERVICES:
        if role in ALLOWED[action]:
            continue
        for name in services_of(action):
            call = service(name)
            arguments = dict.fromkeys(inspect.signature(call).parameters) | {"by": person}
            with suppress(NotPermitted):
                call(**arguments)
                not_refused.append(name)
    assert not_refused == []
