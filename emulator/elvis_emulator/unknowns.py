# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the public material leaves open: every answer that is a guess has its name here.

When someone learns how a real server behaves, this is the file to correct. HC-n is an article of the vendor's help
centre that speaks for one. The few guesses that are a whole reply (active users, metrics) are marked "a guess"
where the reply is built.
"""

# --- Logging in -----------------------------------------------------------------------------------------------------

# A guess: the version that the server reports. Real servers report their own; 6.x is what Assets continues.
SERVER_VERSION = "6.107.0.1"

# A guess: the status of a refused login. The JSON is documented, its HTTP status is not; clients assume 200.
REFUSED_LOGIN_STATUS = 200

# Guesses: the wordings of a refusal. Only the field `loginFaultMessage` is documented.
WRONG_PASSWORD_MESSAGE = "Invalid username or password"
ACCOUNT_LOCKED_MESSAGE = "Account is locked because of too many failed login attempts"
SEATS_EXHAUSTED_MESSAGE = "Maximum number of concurrent users reached, no license seat available"

# A guess: a successful login sets the count of wrong passwords back to zero.
SUCCESS_RESETS_LOCKOUT = True

# A guess: `cred` wins on /services/login when a client sends `username` and `password` as well.
CRED_WINS_OVER_PASSWORD = True

# A guess: /services/apilogin does not read `cred`, which is documented for /services/login only.
APILOGIN_READS_CRED = False

# A guess: a `clientType` that does not start with the documented `api_` is replaced, not refused.
DEFAULT_LOGIN_CLIENT_TYPE = "WEB"

# A guess, of which the script that this project grew from speaks (its address, with the line breaks it is printed with,
# is said to log in), and Spring Security, whose exceptions Elvis shows: a user name is trimmed. A password is not.
TRIMS_USER_NAME = True

# --- Sessions -------------------------------------------------------------------------------------------------------

# A guess: a request that shows an unusable Bearer token is not logged in, even when its cookie is good.
BEARER_HIDES_COOKIE = True

# A guess: a call of a session that is gone (a logout as well) answers as if there never was one: error 401.
GONE_SESSION_CODE = 401

# A guess: the reply to a missing or wrong CSRF token. The code is selectable, because a client must handle both.
CSRF_ERROR_CODES = (401, 403)
DEFAULT_CSRF_ERROR_CODE = 403
CSRF_ERROR_NAME = "InvalidCsrfTokenException"
CSRF_ERROR_MESSAGE = "Invalid or missing CSRF token"

# A guess: a write under /api/ needs the CSRF token when a cookie session makes it, as writes do in general.
API_WRITES_NEED_CSRF = True

# --- Redirect logout ------------------------------------------------------------------------------------------------

# A guess: the status of the redirect.
LOGOUT_REDIRECT_STATUS = 302

# A guess: where the client install page lives. It is the documented default landing page, without an address.
DEFAULT_LANDING_PAGE = "/install"

# --- Calls in general -----------------------------------------------------------------------------------------------

# A guess: GET on a POST-only service. That it is an error is documented, which one is not.
WRONG_METHOD_CODE = 405
WRONG_METHOD_NAME = "HttpRequestMethodNotSupportedException"

# A guess: only /services/* hides its failures behind HTTP 200.
HIDES_ERRORS = "/services/"

# A guess: the name of a 429 that the server itself gives, and the seconds that a client is asked to wait.
TOO_MANY_REQUESTS_NAME = "TooManyRequestsException"
RETRY_AFTER = 1

# A guess: the words that mean true; everything else, empty too, means false.
TRUE_WORDS = frozenset({"true", "1", "yes", "on"})

# A guess: the text of the keep-alive page.
ALIVE_TEXT = "alive"

# --- Searching --------------------------------------------------------------------------------------------------------

# A guess: a search that can't be parsed or evaluated is refused with this code. That it is an error is documented.
BAD_QUERY_CODE = 400

# Documented (HC-360041851432): the order of hits when a search names none.
DEFAULT_SORT = "assetCreated-desc"

# A guess: the longest query, and the most clauses in one. Lucene, whose syntax it is, speaks for the clauses: 1024 is
# what it takes unless told otherwise. How long a query may be is not documented.
MAX_QUERY_LENGTH = 65_536
MAX_QUERY_CLAUSES = 1024

# A guess: `start` and `num` together may not be more. The number is documented under `start` (HC-360041851432), the
# sum is what the search engine inside compares. --most-hits sets it.
MOST_HITS = 10_000

# A guess: the reply to a search beyond that; the words are those of the search engine.
TOO_MANY_HITS_CODE = 400
TOO_MANY_HITS_NAME = "QueryPhaseExecutionException"

# A guess: what an empty `metadataToReturn` asks for. "Minimal fields" is what the page of Assets says; that of Elvis 4
# says "all".
LEAST_FIELDS = ("id", "name", "assetPath")

# Seen in a PHP client's tests, and followed: a search for an empty text finds everything. A JavaScript driver's tests
# only ask for an answer. A call that writes refuses an empty query.
EMPTY_QUERY = "*"

# Guesses: where a JSON search has both names of a number, that of the sample wins; the web client sends both.
JSON_SEARCH_START = ("firstResult", "start")
JSON_SEARCH_COUNT = ("maxResultHits", "num")

# A guess: how many values of a facet are counted.
MAX_FACET_VALUES = 100

# A guess: browsing a folder that does not exist gives an empty list, not an error.
BROWSE_UNKNOWN_FOLDER_FAILS = False

# --- Metadata ---------------------------------------------------------------------------------------------------------

# A guess: a field that is not known holds a date when its name ends so, as `licenseEndDate` does. All other fields that
# are not known hold a text: a PHP client's tests read a number that they wrote as one.
DATE_FIELDS_END = ("Date",)

# A guess: `+` and `-` mean something in a field that holds one text as well: the sign is not stored. The page
# (HC-115002690446) says no more than that they are parsed unless `parseMetadataModifications` is false.
MODIFIES_TEXT = True

# Seen in one PHP client's tests: what `+` and `-` leave of a list comes back in the order of the alphabet. A list
# that is sent without signs keeps its order.
MODIFIED_LISTS_ARE_SORTED = True

# Seen in one PHP client's tests: every hit has this field, with a text. A guess: which text.
METADATA_COMPLETE = "false"

# A guess: how much of a text file becomes its `textContent`. A JavaScript client's tests read it.
MAX_TEXT_CONTENT = 100_000

# A guess that can be set (--checksum): `firstExtractedChecksum` stays that of the first file when another one replaces
# it. Its name speaks for that.
CHECKSUM = "first"

# Documented: one letter a permission, in this order, and a dash for each that the user lacks. A guess: what a user may
# do in the folder of another one. A Ruby client lists the letters without the W.
ALL_PERMISSIONS = "VPWUMERXCD"
FOREIGN_PERMISSIONS = "VP--------"

# A guess: the number for all permissions; one TypeScript client's types have a number in a history, a text in `browse`.
ALL_PERMISSIONS_MASK = (1 << len(ALL_PERMISSIONS)) - 1

# --- Names, paths and files -------------------------------------------------------------------------------------------

# Documented as invalid in names, and "removed or refused": which of the two can be set (--invalid-names). The slash is
# one of them too, where it does not part folders. A guess: the words of the refusal.
INVALID_IN_NAMES = '\\/:*?"<>|#;'
INVALID_NAMES = "refused"
INVALID_NAME_CODE = 400
INVALID_NAME_NAME = "IllegalArgumentException"

# A guess: a name that is taken gets this suffix, the number counting up from 1.
AUTO_RENAME_SUFFIX = "-{}"

# A guess: the code of PathAlreadyExistsException; its name, and when it comes, are documented (HC-360042268771).
PATH_EXISTS_CODE = 409

# Seen in a JavaScript client's tests: the name of a collection is shown without its extension. A guess: other
# containers keep theirs.
NAMES_WITHOUT_EXTENSION = frozenset({"collection"})

# Documented (HC-360042268771): where a client is led to by `nextUrl`.
NEXT_URL_STATUS = 301

# Guesses: checking out or changing what someone else holds, and giving back what someone else holds. That it is refused
# is documented (HC-360041851212), how is not.
CHECKED_OUT_BY_OTHER_CODE = 409
CHECKED_OUT_BY_OTHER_NAME = "AlreadyCheckedOutException"
UNDO_CHECKOUT_BY_OTHER_CODE = 403

# Seen in a test suite: the status of a deleted folder's reply. One TypeScript client expects the folder as its body.
FOLDER_DELETED_STATUS = 200

# A guess: how long one asset of an `async` call takes, in seconds.
ASYNC_SECONDS_PER_ASSET = 0.02

# A guess: who made what was there from the start.
SEEDED_BY = "system"

# --- Clusters and cookies -------------------------------------------------------------------------------------------

# Seen in clients: what a load balancer calls its cookie. AWS' classic one is meant, others have other names.
BALANCER_COOKIE = "AWSELB"

# A guess: every node knows every session. Whether that is so is not public; --node-sessions takes it the other way.
DEFAULT_NODE_SESSIONS = "shared"

# --- Webhooks -------------------------------------------------------------------------------------------------------

# Guesses: how often an event is sent, and how long the server waits after the first failure (seconds; twice as long
# after each further one). That it is configurable is documented (HC-360041901972), the numbers are not readable.
WEBHOOK_ATTEMPTS = 3
WEBHOOK_PAUSE = 1.0

# A guess: how long a receiver may take. Both of the vendor's samples answer before they work.
WEBHOOK_SECONDS_TO_ANSWER = 10.0

# A guess: a webhook that is marked as failed gets nothing more until someone enables it.
FAILED_WEBHOOK_IS_DISABLED = True

# A guess: the status of a deleted webhook's reply. One client reads no body there.
WEBHOOK_DELETED_STATUS = 200

# The name of the old value beside `newValue`, which the vendor's sample reads. One TypeScript client's types have it,
# for the history.
OLD_VALUE_FIELD = "oldValue"

# Guesses: what the events of folders and authkeys call their subject; the page is not readable there.
WEBHOOK_FOLDER_ID_FIELD = "folderId"
WEBHOOK_FOLDER_PATH_FIELD = "folderPath"
WEBHOOK_SHARED_FIELD = "authKey"

# A guess: the path of the call that makes a new secret. The page lists the topic, its path is not readable.
WEBHOOK_SECRET_PATH = "/services/admin/webhook/{id}/secretToken"

# --- Administration, statistics and texts ---------------------------------------------------------------------------

# Seen in the vendor's PHP, which reads `elvisServer/version`; the rest of the page is not known.
VERSION_PAGE = '<?xml version="1.0" encoding="UTF-8"?>\n<elvisServer><version>{}</version></elvisServer>\n'

# Seen in three PHP clients: a call whose reply is documented as empty answers an empty JSON object.
EMPTY_REPLY: dict[str, object] = {}

# A guess: the status of a new engine's reply. Webhooks, which are made the same way, answer 201.
ENGINE_CREATED_STATUS = 201

# A guess: what roles there are; a token's `userDetails` has such names.
ROLES = ("ROLE_USER", "ROLE_API", "ROLE_SUPERUSER")

# A guess: how many engines, permission rules or keys a server takes. Here it keeps a flood from filling the memory.
MAX_RECORDS = 10_000

# Guesses: what a permission rule, and the search for rules, may hold. A JavaScript driver names `sid`, `query` and
# `onlyActive` of a search.
RULE_FIELDS = "sid subject query permissions"
RULE_SEARCH_FIELDS = f"{RULE_FIELDS} onlyActive"

# Seen in the vendor's collection: what a rendition preset holds.
PRESET_FIELDS = "id name type creator sharedWithAuthKey sharedWithGroups renditionSettings"

# A guess: the reply to a preset that is saved is the preset, with its id.
PRESET_SAVED_STATUS = 200

# A guess: what `fieldinfo` tells of each field. Only its address is known.
FIELD_INFO = ("name", "type", "multiValue", "editable")

# A guess: what `getUserDetails` tells, which is the profile. That an unknown user is an empty reply is seen in the
# vendor's plug-in.
USER_DETAILS = ("username", "fullName", "email", "groups", "authorities")

# Guesses: a token of `oauth/token` lives as long as that of a login (--token-lifetime), and the client that may ask for
# one is an account of this server. Only the request and `access_token` are seen, in the vendor's plug-in.
TOKEN_TYPE = "bearer"

# A guess: how the groups of a user stand in one column of a report.
GROUPS_SEPARATOR = ", "

# Documented: texts that no locale of the chain has are taken from this one.
DEFAULT_LOCALE = "en_US"

# --- Relations, history, previews, reports --------------------------------------------------------------------------

# A guess: the code for a second relation between two assets. That there can be none is documented; the pages speak of
# "an error page with a 500 error status" for whatever fails here, which this server never answers.
RELATION_EXISTS_CODE = 409

# A guess: how a list stands in `changedMetadata` of a history. One TypeScript client's types have a text or a number
# there.
LIST_IN_HISTORY = ", "

# A guess: how many entries of a history are returned when the call does not say.
DEFAULT_HISTORY = 50

# Documented: the sides of the default preview. A guess: those of a thumbnail.
PREVIEW_SIDE = 1600
THUMBNAIL_SIDE = 160

# A guess: what an archive holds when the call does not say. One of three parameters is documented as required.
DEFAULT_DOWNLOAD_KIND = "original"

# Guesses: how a list and a date stand in a report as CSV; the example of the page is not readable.
LIST_IN_CSV = ", "
CSV_SHOWS_FORMATTED = True

# --- Sharing and /api/asset -----------------------------------------------------------------------------------------

# Guesses: the statuses of two replies. A folder, which is made the same way, is answered with 201.
SHARE_LINK_STATUS = 201
ASSET_CREATED_STATUS = 201

# Documented on the server's Swagger pages: how long a signed address is good unless told otherwise, in seconds; that of
# a rendition is said to count in minutes.
SIGNED_VALID_FOR = 600
RENDITION_VALID_FOR_UNIT = 60
