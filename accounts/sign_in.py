"""The six digits at the door: their failures count by person and place together."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context, ratelimit
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm

from accounts.models import User


class CountedByPlace:
    """allauth counts them by person alone: who has somebody's password could keep them
    out. A day's total holds whoever tries from many places; it begins anew with a new
    password, which sends them away as well."""

    user: User
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        request = context.request
        place = get_adapter().get_client_ip(request)
        here = f"second-factor:{self.user.pk}:{place}"
        anywhere = f"second-factor:{self.user.pk}:{self.user.get_session_auth_hash()}"
        for action, key in (("login_failed", here), ("second_factor_day", anywhere)):
            if not ratelimit.consume(request, action=action, key=key):
                raise get_adapter().validation_error("too_many_login_attempts")
        code: str = self.cleaned_data["code"]
        for factor in Authenticator.objects.filter(user=self.user):
            if factor.wrap().validate_code(code):
                self.authenticator = factor
                ratelimit.clear(request, action="login_failed", key=here)
                return code
        raise get_factor_adapter().validation_error("incorrect_code")


class CodeAtSignIn(CountedByPlace, AuthenticateForm):
    pass


class CodeAgain(CountedByPlace, ReauthenticateForm):
    pass


class FirstCode(ActivateTOTPForm):
    """Who sets a factor up has shown it: it isn't asked for twice."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        record_authentication(
            context.request, self.user, "mfa", type=Authenticator.Type.TOTP
        )
        return code
