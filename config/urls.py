"""Every address of the project."""

from django.contrib import admin
from django.urls import include, path, register_converter

from accounts.pages import invitation, members, recovery_codes, sessions
from refunds.pages import (
    additions,
    calculator,
    draft_files,
    files,
    filing,
    language,
    notify,
    payout_account,
    policy,
    receipt,
    request_list,
    requests,
    services,
    terms,
)
from refunds.pages.access import RequestNumber

register_converter(RequestNumber, "number")

handler429 = "accounts.limits.too_many"

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
    path("drafts/<int:pk>/upload/", draft_files.upload, name="upload"),
    path(
        "drafts/<int:pk>/remove/<int:evidence>/", draft_files.remove, name="remove_file"
    ),
    path("drafts/<int:pk>/check/", filing.check_draft, name="check_draft"),
    path("drafts/<int:pk>/delete/", filing.remove_draft, name="remove_draft"),
    path("requests/", request_list.requests, name="requests"),
    path("requests/<number:number>/", requests.request, name="request"),
    path("requests/<number:number>/receipt/", receipt.receipt, name="receipt"),
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
    path("members/", members.members, name="members"),
    path("customers/<int:pk>/members/", members.members_of, name="members_of"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/remove/", members.remove_member, name="remove_member"),
    path("invitations/<int:pk>/again/", members.invite_again, name="invite_again"),
    path(
        "invitations/<int:pk>/withdraw/",
        members.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("invitation/<str:secret>/", invitation.invitation, name="invitation"),
    # Before allauth's own of the same names.
    path("account/sessions/", sessions.sessions, name="usersessions_list"),
    path("account/sessions/<int:pk>/end/", sessions.end_session, name="end_session"),
    path(
        "account/2fa/recovery-codes/download/",
        recovery_codes.download,
        name="mfa_download_recovery_codes",
    ),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
