# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in, and what a profile tells about them."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping

from elvis_emulator import unknowns


class Accounts:
    """The accounts of a server, with their passwords and the wrong ones counted."""

    def __init__(self, passwords: Mapping[str, str], superuser: str, lockout: int | None) -> None:
        self._passwords = dict(passwords)
        self._superuser = superuser
        self._lockout = lockout
        self._wrong_in_a_row: Counter[str] = Counter()

    def why_refused(self, user: str, password: str) -> str | None:
        """Check a password. Return None when it is right, else the sentence for the user."""
        if user not in self._passwords:
            return unknowns.WRONG_PASSWORD_MESSAGE
        if self._lockout is not None and self._wrong_in_a_row[user] >= self._lockout:
            return unknowns.ACCOUNT_LOCKED_MESSAGE
        if not _same(self._passwords[user], password):
            self._wrong_in_a_row[user] += 1
            return unknowns.WRONG_PASSWORD_MESSAGE
        if unknowns.SUCCESS_RESETS_LOCKOUT:
            del self._wrong_in_a_row[user]
        return None

    def knows(self, user: str) -> bool:
        return user in self._passwords

    def wrong_passwords(self) -> dict[str, int]:
        """How often in a row each user gave a wrong one."""
        return dict(self._wrong_in_a_row)

    def restore_wrong_passwords(self, user: str, count: int) -> None:
        self._wrong_in_a_row[user] = count

    def is_superuser(self, user: str) -> bool:
        return user == self._superuser

    def profile(self, user: str) -> dict[str, object]:
        """The user's profile; its fields are documented by the vendor, its values made up."""
        authorities = ["ROLE_USER", "ROLE_API"]
        if self.is_superuser(user):
            authorities.append("ROLE_SUPERUSER")
        return {
            "username": user,
            "fullName": user.title(),
            "email": f"{user}@example.com",
            "locale": unknowns.DEFAULT_LOCALE,
            "userZone": user_zone(user),
            "groups": ["admins"] if self.is_superuser(user) else ["users"],
            "authorities": authorities,
        }

    def token_details(self, user: str) -> dict[str, object]:
        """The `userDetails` of a token."""
        profile = self.profile(user)
        return {"roles": profile["authorities"], "mail": profile["email"], "name": profile["fullName"]}


def user_zone(user: str) -> str:
    """The folder of a user."""
    return f"/Users/{user}"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode(errors="surrogatepass"))
