"""What stock pages a person may open: it comes by roles alone, and along with them."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend


class RightsBackend(AuthenticationBackend):
    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous:
            return set()
        if user_obj.is_superuser:
            found: set[str] = super().get_group_permissions(user_obj, obj)
            return found
        return set(user_obj.rights.permissions)
