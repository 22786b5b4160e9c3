# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking out and giving back, and who may change what is checked out."""

from __future__ import annotations

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.document import Checkout
from elvis_emulator.store.store import now_ms
from elvis_emulator.web.errors import ElvisError

from .files import original


def checkout(call: Call) -> object:
    """Reserve an asset for this user and client, and send its file if asked to; documented by the vendor."""
    asset = call.server.store.asset(call.variables[0])
    refuse_check_in_by_other(call, asset)
    if not asset.checkout:
        call.server.store.check_out(asset, Checkout(now_ms(), call.user, call.logged_in.client_id))
    if call.parameters.flag("download") and asset.file:
        return original(call, asset, as_attachment=True)
    return _state(asset.checkout)


def undo_checkout(call: Call) -> object:
    """Give an asset back; a superuser may do it for others."""
    asset = call.server.store.asset(call.variables[0])
    if not call.server.accounts.is_superuser(call.user) and _is_held_by_another_client(call, asset):
        raise _held(asset, unknowns.UNDO_CHECKOUT_BY_OTHER_CODE)
    if asset.checkout:
        call.server.store.give_back(asset, call.user)
    return _state(None)


def refuse_if_held_by_other(call: Call, asset: Asset) -> None:
    """Refuse to change what another user has checked out, as the vendor documents; the reply is a guess."""
    if asset.checkout and asset.checkout.user != call.user:
        raise _held(asset, unknowns.CHECKED_OUT_BY_OTHER_CODE)


def refuse_check_in_by_other(call: Call, asset: Asset) -> None:
    """Refuse a file, or another checkout: only the client that checked an asset out may; documented by the vendor."""
    if _is_held_by_another_client(call, asset):
        raise _held(asset, unknowns.CHECKED_OUT_BY_OTHER_CODE)


def _is_held_by_another_client(call: Call, asset: Asset) -> bool:
    holder = asset.checkout
    return holder is not None and (holder.user, holder.client_id) != (call.user, call.logged_in.client_id)


def _held(asset: Asset, code: int) -> ElvisError:
    name = unknowns.CHECKED_OUT_BY_OTHER_NAME if code == unknowns.CHECKED_OUT_BY_OTHER_CODE else "AccessDeniedException"
    return ElvisError(code, name, f"Checked out by {asset.checkout.user if asset.checkout else 'nobody'}")


def _state(state: Checkout | None) -> dict[str, object]:
    return {
        "checkedOut": state and state.since,
        "checkedOutBy": state and state.user,
        "checkedOutOnClient": state and state.client_id,
    }
