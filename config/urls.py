"""Every address of the project."""

from django.contrib import admin
from django.urls import include, path, register_converter

from refunds.pages import (
    additions,
    calculator,
    files,
    filing,
    language,
    notify,
    payout_account,
    policy,
    requests,
    services,
    terms,
)
from refunds.pages.access import RequestNumber

register_converter(RequestNumber, "number")

urlpatterns = [
    path("", services.home, name="home"),
    path("policy/", policy.policy, name="policy"),
    path("policy/calculator/", calculator.calculator, name="calculator"),
    path("policy/calculator/parts/", calculator.parts, name="calculator_parts"),
    path(
        "policy/<slug:line>/<int:version>/",
        policy.policy_version,
        name="policy_version",
    ),
    path("contracts/<path:number>/terms/", terms.terms, name="terms"),
    path("services/", services.services, name="services"),
    path("services/<int:pk>/", services.service, name="service"),
    path("services/<int:pk>/ask/", services.ask, name="ask"),
    path("customers/<int:pk>/services/", services.services_for, name="services_for"),
    path("drafts/<int:pk>/", filing.draft, name="draft"),
    path("drafts/<int:pk>/autosave/", filing.autosave, name="autosave"),
    path("drafts/<int:pk>/upload/", filing.upload, name="upload"),
    path("drafts/<int:pk>/remove/<int:evidence>/", filing.remove, name="remove_file"),
    path("drafts/<int:pk>/check/", filing.check_draft, name="check_draft"),
    path("drafts/<int:pk>/delete/", filing.remove_draft, name="remove_draft"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<number:number>/", requests.request, name="request"),
    path("requests/<number:number>/receipt/", requests.receipt, name="receipt"),
    path("requests/<number:number>/accept/", requests.accept_offer, name="accept"),
    path("requests/<number:number>/message/", requests.say, name="message"),
    path(
        "requests/<number:number>/complain/",
        requests.complain_of_delay,
        name="complain",
    ),
    path("requests/<number:number>/add/", additions.add, name="add"),
    path(
        "requests/<number:number>/account/",
        payout_account.payout_account,
        name="payout_account",
    ),
    path("requests/<number:number>/<slug:move>/", requests.answer, name="answer"),
    path("evidence/<int:pk>/", files.download, name="evidence"),
    path("evidence/<int:pk>/view/", files.view, name="evidence_view"),
    path("notify/<slug:route>/<str:number>/", notify.notify, name="notify"),
    path("language/", language.set_language, name="set_language"),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
