# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures, and the JSON in which Elvis reports them."""

from __future__ import annotations

import json

from aiohttp import web

from elvis_emulator import unknowns

JSON_TYPE = {"Content-Type": "application/json;charset=UTF-8"}


class ElvisError(Exception):
    """A call that fails: the error code (an HTTP status), the name of an exception and a sentence."""

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.name = name
        self.message = message


class NotModelledError(ElvisError):
    """A call that this server does not know, whatever a real one would say."""

    def __init__(self) -> None:
        super().__init__(404, "NotFoundException", "No such service")


def not_logged_in() -> ElvisError:
    """Name and message as documented by the vendor."""
    return ElvisError(unknowns.GONE_SESSION_CODE, "AuthenticationCredentialsNotFoundException", "Not logged in")


def bad_request(message: str) -> ElvisError:
    return ElvisError(400, "IllegalArgumentException", message)


def forbidden(message: str) -> ElvisError:
    return ElvisError(403, "AccessDeniedException", message)


def not_found(message: str) -> ElvisError:
    return ElvisError(404, "NotFoundException", message)


def conflict(message: str) -> ElvisError:
    return ElvisError(409, "AlreadyExistsException", message)


def path_exists(path: str) -> ElvisError:
    """The name is documented by the vendor."""
    return ElvisError(unknowns.PATH_EXISTS_CODE, "PathAlreadyExistsException", f"Already exists: {path}")


def too_large(limit: int) -> ElvisError:
    return ElvisError(413, "MaxUploadSizeExceededException", f"More than {limit} bytes of form fields")


def wrong_method(method: str) -> ElvisError:
    return ElvisError(
        unknowns.WRONG_METHOD_CODE, unknowns.WRONG_METHOD_NAME, f"Request method '{method}' not supported"
    )


def wrong_csrf_token(code: int) -> ElvisError:
    return ElvisError(code, unknowns.CSRF_ERROR_NAME, unknowns.CSRF_ERROR_MESSAGE)


def json_reply(value: object, status: int = 200) -> web.Response:
    """A reply with any JSON value; what JSON can't express as text is escaped, so it never fails to encode."""
    return web.Response(status=status, headers=JSON_TYPE, body=json.dumps(value).encode("ascii"))


def error_reply(error: ElvisError, hidden: bool) -> web.Response:
    """Elvis' JSON for a failure, in an HTTP 200 when hidden (both modes are documented by the vendor)."""
    body = {"errorcode": error.code, "errorname": error.name, "message": error.message}
    return json_reply(body, 200 if hidden else error.code)
