"""Who may ask for what, written by hand: the pages' own table is not read here, so that a change of it is a change of this one."""

EVERYBODY = """
GET  /healthz
GET  /readyz
GET  /sign-in
POST /sign-in
POST /language
GET  /forgotten
POST /forgotten
GET  /welcome
POST /welcome
GET  /welcome/{key}
POST /welcome/{key}
GET  /public
GET  /public.xlsx
GET  /public/{number:path}
GET  /api
GET  /api/v1/openapi.json
"""
SIGNED_IN = """
GET  /
POST /sign-out
GET  /account
POST /account/name
POST /account/password
GET  /account/second-factor
POST /account/second-factor
POST /account/second-factor/off
POST /account/sessions/end-others
POST /account/sessions/{number}/end
POST /account/keys
POST /account/keys/{number}/end
"""
PRODUCERS = """
GET  /my
GET  /my/new
POST /my/new
GET  /my/letters
GET  /my/letters/{number}
GET  /my/dossiers/{code:path}
POST /my/dossiers/{code:path}
"""
PRODUCERS_AND_OFFICERS = """
GET  /plan
GET  /dossiers/{code:path}/attachments
POST /dossiers/{code:path}/attachments
GET  /dossiers/{code:path}/attachments/{number}
GET  /api/v1/cycles
GET  /api/v1/dossiers
GET  /api/v1/dossiers/{code:path}
GET  /api/v1/certificates
GET  /api/v1/deadlines
POST /api/v1/files
POST /api/v1/acts/register
POST /api/v1/acts/supplement
POST /api/v1/acts/add-evidence
POST /api/v1/acts/retract
POST /api/v1/acts/complain
"""
OFFICERS = """
GET  /work
POST /work
GET  /dossiers
GET  /dossiers.xlsx
GET  /dossiers/{code:path}
GET  /acts
GET  /acts/{name}
POST /acts/{name}
GET  /certificates
GET  /certificates.xlsx
GET  /letters
GET  /letters.xlsx
GET  /letters/hand-over
POST /letters/hand-over
POST /letters/print
GET  /letters/dead
POST /letters/resend
GET  /letters/{number}
GET  /letters/{number}/html
GET  /plan.xlsx
"""
PROVINCE = """
GET  /heat
GET  /procedure
GET  /late
POST /remind
POST /letters/release
GET  /letters/preferences
POST /letters/preferences
GET  /plan/check
POST /plan/check
GET  /plan/rehearse
POST /plan/rehearse
GET  /plan/rehearse/{name}
GET  /plan/rehearse/{name}/report.xlsx
POST /plan/rehearse/{name}/stop
GET  /calendar
GET  /calendar/template.xlsx
POST /calendar/preview
POST /calendar/list
POST /calendar/shipped
POST /calendar
GET  /api/v1/letters
"""
PROVINCE_AND_ADMINISTRATORS = """
GET  /health
GET  /operations
POST /operations/run
POST /operations/catch-up
POST /operations/retry
GET  /imports
GET  /imports/{kind}/template.xlsx
POST /imports/{kind}
GET  /imports/{kind}/{digest}
GET  /imports/{kind}/{digest}/errors.xlsx
POST /imports/{kind}/{digest}
GET  /users
GET  /users.xlsx
GET  /units
GET  /units.xlsx
GET  /audit
GET  /audit.xlsx
"""
ADMINISTRATORS = """
POST /users/invite
GET  /users/accounts
GET  /users/accounts.xlsx
POST /users/accounts
GET  /users/accounts/{number}
POST /users/accounts/{number}/invite
POST /users/accounts/{number}/reset
POST /users/accounts/{number}/close
POST /users/accounts/{number}/reopen
POST /users/accounts/{number}/second-factor-off
POST /users/accounts/{number}/administrator
POST /operations/clock
GET  /metrics
"""
ACTS_OF_OFFICERS = """
open-cycle set-target close-cycle amend-plan edit-calendar adopt-plan extend accept-late acknowledge remind reorganise change-procedure
receive report request-supplement waive-evidence evaluate decide record-central-result submit keep propose forgo recognise revoke
record-finding close-finding disqualify carry-over annul correct-decision correct-certificate answer-complaint suspend resume
claim assign release hand-over resend release-letters leave end-leave
"""
"""Acts that no producer does, each a route of its own for other programs."""

GROUPS: dict[str, tuple[str, str]] = {
    # who, in letters                                    what
    "everybody": ("* S P C D T Z A", EVERYBODY),
    "signed in": ("S P C D T Z A", SIGNED_IN),
    "producers": ("P", PRODUCERS),
    "producers and officers": ("P C D T Z", PRODUCERS_AND_OFFICERS),
    "officers": ("C D T Z", OFFICERS),
    "acts": ("C D T Z", "\n".join(f"POST /api/v1/acts/{name}" for name in ACTS_OF_OFFICERS.split())),
    "the province": ("T", PROVINCE),
    "the province and administrators": ("T A", PROVINCE_AND_ADMINISTRATORS),
    "administrators": ("A", ADMINISTRATORS),
}
"""* nobody, S somebody without a role, P producer, C commune, D district, T province, Z centre, A administrator."""

BY_HAND: dict[tuple[str, str], frozenset[str]] = {
    (line.split()[0], line.split()[1]): frozenset(who.split())
    for who, what in GROUPS.values()
    for line in what.strip().splitlines()
}
"""By method and path as it stands in the code, who may ask for it."""
