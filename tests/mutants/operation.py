"""Running the site: what the log may say, what is erased, the sandbox, certificates."""

from tests.mutants.mutant import Mutant

RULES = (
    Mutant(
        "the log names the route of a refused request and not its address, which can be a secret",
        "core/log_lines.py",
        'message = message.replace(getattr(request, "path", ""), f"/{match.route}")',
        "pass",
        "web/test_operation.py",
        "the_access_log_has_the_route",
    ),
    Mutant(
        "a number of a request is believed from a front server only",
        "web/middleware/request_log.py",
        'request.headers.get(HEADER, "") if settings.HTTPS else ""',
        'request.headers.get(HEADER, "")',
        "web/test_operation.py",
        "a_number_is_taken",
    ),
    Mutant(
        "HSTS binds subdomains only where it is switched on",
        "settings.py",
        "HTTPS and (HSTS_SUBDOMAINS or HSTS_PRELOAD)",
        "HTTPS",
        "web/test_operation.py",
        "only_the_operator_binds",
    ),
    Mutant(
        "the contact of a deposit is erased when its time is over",
        "library/services/deposit_contacts.py",
        'deposit.contact_name = deposit.contact_email = ""',
        'deposit.contact_name = ""',
        "pipeline/test_retention_schedule.py",
        "the_contact_of_a_decided_deposit",
    ),
    Mutant(
        "a sent email loses its words when its time is over",
        "mail/services.py",
        'to="", subject=ERASED, body="", reply_to=""',
        'to="", subject=ERASED, reply_to=""',
        "pipeline/test_retention_schedule.py",
        "a_sent_email_loses",
    ),
    Mutant(
        "a dry run of the retention schedule erases nothing",
        "pipeline/retention/rules.py",
        "while due and not dry_run and",
        "while due and",
        "pipeline/test_retention_schedule.py",
        "a_dry_run_counts",
    ),
    Mutant(
        "emails to operators name nobody",
        "pipeline/operator_notices.py",
        "emails were refused or given up. See",
        "emails were refused or given up ({Letter.objects.first().to}). See",
        "pipeline/test_operator_notices.py",
        "nobody_is_named",
    ),
    Mutant(
        "a file is read without a network",
        "documents/isolation/sandbox.py",
        '"--unshare-all",',
        '"--unshare-user", "--unshare-pid", "--unshare-ipc",',
        "documents/test_sandbox.py",
        "reaches_no_network",
    ),
    Mutant(
        "the certificate of an IMAP server is checked",
        "mail/inbound/deliveries.py",
        "context = ssl.create_default_context()",
        "context = ssl._create_unverified_context()",
        "mail/test_imap_certificate.py",
        "of_its_own_making",
    ),
)
