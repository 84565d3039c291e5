"""Rules of the Information Service: whose an email is, who sees and gets what, what is erased."""

from tests.mutants.mutant import Mutant

INBOUND = "enquiries/services/inbound.py"
EMAILS = "enquiries/test_emails.py"
ERASURE = "enquiries/test_erasure.py"
RULES = (
    Mutant(
        "an email from another address is not added to an enquiry by itself",
        INBOUND,
        "    elif match.enquiry.address.casefold() != email.sender:\n",
        "    elif False:\n",
        EMAILS,
        "reply_from_another_address",
    ),
    Mutant(
        "an email that only names a reference is not added by itself",
        INBOUND,
        "    elif not match.proven:\n",
        "    elif False:\n",
        EMAILS,
        "match_by_subject_alone",
    ),
    Mutant(
        "nothing answers an email of a program",
        INBOUND,
        "    elif email.automatic:\n",
        "    elif False:\n",
        EMAILS,
        "nothing_answers_an_email",
    ),
    Mutant(
        "an address gets one acknowledgement a day",
        "enquiries/services/limits.py",
        '"receipt": 1,',
        '"receipt": 9,',
        EMAILS,
        "one_acknowledgement_a_day",
    ),
    Mutant(
        "an answer cites what the asker can see, and nothing else",
        "enquiries/queries/citing.py",
        "PUBLIC = AnonymousUser()",
        "PUBLIC = None",
        "enquiries/test_enquiries.py",
        "cannot_cite_what_only_staff_see",
    ),
    Mutant(
        "a thread opens with its whole private link alone",
        "enquiries/queries/desk.py",
        "if enquiry is None or not constant_time_compare(enquiry.token, token):",
        "if enquiry is None:",
        "enquiries/test_enquiries.py",
        "wrong_link_opens",
    ),
    Mutant(
        "whom to call is shown before words about a child at risk are sent",
        "web/enquiries/ask.py",
        'return not values["seen_help"] and may_be_at_risk(values["text"])',
        "return False",
        "web/test_enquiries.py",
        "show_whom_to_call",
    ),
    Mutant(
        "the addresses of an asker are erased when their time is over",
        "enquiries/services/erasure.py",
        '    enquiry.name = enquiry.address = enquiry.phone = ""\n',
        "",
        ERASURE,
        "nothing_says_who_asked",
    ),
    Mutant(
        "an enquiry that waits for us is never erased",
        "enquiries/services/erasure.py",
        "ended = ~Q(state=EnquiryState.WAITING) & Q(ended_at__lte=_before(now))",
        "ended = Q(received_at__lte=_before(now))",
        ERASURE,
        "still_waits_for_us",
    ),
    Mutant(
        "another wording of a title needs the same authors",
        "enquiries/references/compare.py",
        "            return near and self.authors.shared and not self.authors.differs\n",
        "            return near\n",
        "enquiries/test_references.py",
        "no_made_up_reference",
    ),
    Mutant(
        "an older window does not overwrite a newer draft of an answer",
        "enquiries/services/drafts.py",
        "    elif draft.number != seen:\n",
        "    elif False:\n",
        "enquiries/test_drafts.py",
        "older_window",
    ),
    Mutant(
        "a literature search is run as the public sees the library",
        "enquiries/queries/library_runs.py",
        "PUBLIC = AnonymousUser()",
        "PUBLIC = None",
        "enquiries/test_searches.py",
        "as_the_public_sees_it",
    ),
    Mutant(
        "a report that was not sent has no address for the asker",
        "enquiries/queries/search_reports.py",
        "search = enquiry.searches.filter(pk=number, sent_at__isnull=False).first()",
        "search = enquiry.searches.filter(pk=number).first()",
        "enquiries/test_searches.py",
        "goes_with_an_answer",
    ),
)
