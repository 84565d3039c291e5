"""Addresses of recommendations and what became of them."""

from django.urls import URLPattern, path

from waymark.web.follow_up import comparing, our, proposals, public, schemes, staff

urlpatterns: list[URLPattern] = [
    path("recommendations/", public.national, name="recommendations"),
    path("recommendations/list/", public.recommendation_list, name="recommendation-list"),
    path("recommendations/counts.<str:ending>", public.counts_file, name="recommendation-counts"),
    path("recommendations/rows.<str:ending>", public.rows_file, name="recommendation-rows"),
    path("recommendations/relate/", comparing.relate, name="relate-recommendations"),
    path("recommendations/schemes/<slug:key>/", schemes.scheme_page, name="inquiry-scheme"),
    path(
        "recommendations/schemes/<slug:key>/<n:number>/",
        schemes.inquiry_recommendation_page,
        name="inquiry-recommendation",
    ),
    path(
        "recommendations/<slug:reference>/<n:number>/",
        public.recommendation_page,
        name="recommendation",
    ),
    path("our-recommendations/", our.our_recommendations, name="our-recommendations"),
    path("our-recommendations/leave/", our.leave, name="leave-our-recommendations"),
    path("our-recommendations/enter/<str:token>/", our.enter, name="enter-our-recommendations"),
    path("our-recommendations/<n:number>/", our.our_recommendation, name="our-recommendation"),
    path("staff/follow-up/", staff.follow_up_list, name="follow-up"),
    path("staff/follow-up/contacts/<slug:key>/", staff.body_contacts, name="body-contacts"),
    path(
        "staff/follow-up/<slug:reference>/propose/",
        proposals.propose,
        name="propose-recommendations",
    ),
    path("staff/follow-up/<slug:reference>/<n:number>/", staff.ledger_page, name="edit-ledger"),
]
