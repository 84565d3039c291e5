"""Addresses of reports, pages and passages."""

from django.urls import URLPattern, path

from waymark.web.reader import images, reports, whole

urlpatterns: list[URLPattern] = [
    path("reports/<str:key>/", whole.report_text, name="report"),
    path("reports/<str:key>/page/", reports.to_page, name="to-page"),
    path("reports/<str:key>/pages/<n:number>/", reports.report_page, name="report-page"),
    path("reports/<str:key>/pages/<n:number>/image.png", images.page_image, name="page-image"),
    path(
        "reports/<str:key>/pages/<n:number>/image-<n:width>.webp",
        images.page_image_webp,
        name="page-image-webp",
    ),
    path("p/<str:key>/", reports.passage_detail, name="passage"),
    path("p/<str:key>/page/", reports.passage_page, name="passage-page"),
]
