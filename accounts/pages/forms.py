"""What an owner is asked about a member."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("May do"),
        choices=[
            (
                Membership.Role.MEMBER,
                _("Member: asks for refunds, follows them, writes to us"),
            ),
            (
                Membership.Role.OWNER,
                _("Owner: also accepts offers, appeals, and decides who acts"),
            ),
        ],
        initial=Membership.Role.MEMBER,
        widget=forms.RadioSelect,
    )


class InviteForm(RoleForm):
    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("The invitation goes there, and only this address can accept it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("email", "role")
