"""Addresses of rounds, differences, agreement, case profiles and framework drafts."""

from django.urls import path

from waymark.web.rounds import (
    agreement,
    differences,
    frameworks,
    language_models,
    profiles,
    rounds,
    samples,
    suggesters,
    suggestions_off,
)

urlpatterns = [
    path("staff/coding/suggesters/", suggesters.suggester_list, name="suggesters"),
    path("staff/coding/suggesters/off/", suggestions_off.suggestions_off, name="suggestions-off"),
    path(
        "staff/coding/suggesters/language-model/",
        language_models.connect_language_model,
        name="connect-language-model",
    ),
    path("staff/coding/suggesters/<n:number>/", suggesters.suggester, name="suggester"),
    path("staff/coding/samples/", samples.sample_list, name="passage-samples"),
    path("staff/coding/samples/<n:number>/", samples.read_sample, name="passage-sample"),
    path("staff/coding/rounds/", rounds.round_list, name="coding-rounds"),
    path("staff/coding/rounds/add/", rounds.add_round, name="add-round"),
    path("staff/coding/rounds/<n:number>/", rounds.round_page, name="coding-round"),
    path("staff/coding/disagreements/", differences.to_settle, name="disagreements"),
    path(
        "staff/coding/disagreements/<slug:reference>/<slug:name>/<str:version>/",
        differences.adjudicate,
        name="adjudicate",
    ),
    path("staff/coding/decisions/", differences.own_decisions, name="coding-decisions"),
    path("staff/coding/profiles/", profiles.profile_list, name="case-profiles"),
    path(
        "staff/coding/profiles/<slug:reference>/<slug:name>/<str:version>/",
        profiles.case_profile,
        name="case-profile",
    ),
    path("staff/coding/frameworks/", frameworks.version_list, name="edit-frameworks"),
    path("staff/coding/frameworks/next/", frameworks.next_framework, name="next-framework"),
    path(
        "staff/coding/frameworks/<slug:name>/<str:version>/",
        frameworks.framework_version,
        name="framework-version",
    ),
    path(
        "staff/coding/frameworks/<slug:name>/<str:version>/codes.csv",
        frameworks.codes_file,
        name="framework-codes",
    ),
    path(
        "staff/coding/recode/<slug:reference>/<slug:name>/<str:version>/",
        frameworks.recode,
        name="recode",
    ),
    path("staff/coding/agreement/", agreement.agreement_list, name="agreement"),
    path(
        "staff/coding/rounds/<n:number>/agreement/",
        agreement.round_agreement,
        name="round-agreement",
    ),
    path(
        "staff/coding/rounds/<n:number>/agreement.<str:ending>",
        agreement.round_file,
        name="round-agreement-file",
    ),
    path(
        "staff/coding/agreement/<slug:name>/<str:version>/",
        agreement.framework_agreement,
        name="framework-agreement",
    ),
    path(
        "staff/coding/agreement/<slug:name>/<str:version>/agreement.<str:ending>",
        agreement.framework_file,
        name="framework-agreement-file",
    ),
]
