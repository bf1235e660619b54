/*
 * law_people: owns who is a member, who brought whom, what is known of a member
 * and which membership is a cashier's own. What concerns points between people
 * is in law_pool.c and law_goodwill.c, cards in law_cards.c.
 */
#include "common/law/law_inside.h"

const struct book_member *law_find_self(
    struct deciding *deciding, uint64_t account)
{
	const struct book_member *member = book_member(deciding->book, account);

	if (member == NULL)
		(void)law_refuse(deciding, REFUSAL_CARD_UNKNOWN,
		    "This card is not known here. Enrol it first.");
	return member;
}

bool law_is_id(struct bytes id, size_t size_max)
{
	for (size_t index = 0; index < id.size; index++) {
		uint8_t c = id.data[index];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-')
			return false;
	}
	return id.size >= 1 && id.size <= size_max;
}

bool law_take_reason(struct deciding *deciding)
{
	struct bytes reason = deciding->command->reason;

	if (reason.size == 0)
		return true;
	if (reason.size > REASON_SIZE_MAX || !bytes_are_text(reason, NULL))
		return law_refuse_malformed(
		    deciding, "a reason is at most 80 bytes of text");
	deciding->entry->reason = reason;
	deciding->entry->has |= ENTRY_HAS(TAG_REASON);
	return true;
}

bool law_refuse_short(
    struct deciding *deciding, uint64_t points, uint64_t spendable_points)
{
	struct refusal *refusal = deciding->refusal;

	refusal->required = points;
	refusal->available = (int64_t)spendable_points;
	refusal->missing = points - spendable_points;
	return law_refuse(deciding, REFUSAL_INSUFFICIENT_POINTS,
	    "Only %llu point%s can be spent now. Choose fewer.",
	    (unsigned long long)spendable_points,
	    spendable_points == 1 ? "" : "s");
}

/* --- enrolment ------------------------------------------------------------ */

/* Who brought the member: one that is here already, and so never itself. */
static bool take_referrer(struct deciding *deciding)
{
	uint64_t referrer = deciding->command->referrer;

	if (referrer == 0)
		return true;
	if (referrer == deciding->command->account)
		return law_refuse(deciding, REFUSAL_SAME_MEMBER,
		    "Nobody brings themselves. Leave the other card out.");
	if (book_member(deciding->book, referrer) == NULL)
		return law_refuse(deciding, REFUSAL_CARD_UNKNOWN,
		    "The card of who brought them is not known here. Scan it "
		    "again, or leave it out.");
	deciding->entry->referrer = referrer;
	deciding->entry->has |= ENTRY_HAS(TAG_REFERRER);
	return true;
}

bool law_decide_enrol(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	struct entry *entry = deciding->entry;

	if (command->account < ACCOUNT_MEMBER_MIN ||
	    command->account > ACCOUNT_MEMBER_MAX)
		return law_refuse_malformed(
		    deciding, "a member's account is out of range");
	if (law_is_zero(hash_view(&command->commitment)))
		return law_refuse_malformed(
		    deciding, "a member's commitment is missing");
	if (book_member(deciding->book, command->account) != NULL)
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "This account's number is taken. Try again.");
	if (!take_referrer(deciding))
		return false;
	entry->to_account = command->account;
	entry->commitment = command->commitment;
	entry->has |= ENTRY_HAS(TAG_COMMITMENT);
	return true;
}

/* --- details and segments ------------------------------------------------- */

static bool decide_details(struct deciding *deciding)
{
	const struct book_member *member;

	if (law_is_zero(hash_view(&deciding->command->commitment)))
		return law_refuse_malformed(
		    deciding, "neither details nor a segment are said");
	member = law_find_self(deciding, deciding->command->account);
	if (member == NULL)
		return false;
	law_name_member(deciding, member);
	deciding->entry->commitment = deciding->command->commitment;
	deciding->entry->has |= ENTRY_HAS(TAG_COMMITMENT);
	return true;
}

static bool may_have_segment(struct deciding *deciding,
    const struct book_member *member, struct bytes segment)
{
	bool has =
	    book_has_segment(member, programme_ident("segment", segment));
	bool adds = deciding->command->standing == STANDING_ACTIVE;

	if (!adds && !has)
		return law_refuse(deciding, REFUSAL_NOT_FOUND,
		    "The member is not in '%.*s'.", (int)segment.size,
		    (const char *)segment.data);
	if (adds && has)
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "The member is in '%.*s' already.", (int)segment.size,
		    (const char *)segment.data);
	if (adds && member->extra != NULL &&
	    member->extra->segment_count >= SEGMENTS_MAX)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "The member is in %u segments already. Remove one first.",
		    SEGMENTS_MAX);
	return true;
}

static bool decide_segment(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_member *member;

	if (!law_is_zero(hash_view(&command->commitment)))
		return law_refuse_malformed(
		    deciding, "details and a segment are two requests");
	if (command->standing != STANDING_ACTIVE &&
	    command->standing != STANDING_REVOKED)
		return law_refuse_malformed(
		    deciding, "a segment is added or removed, nothing else");
	if (!law_is_id(command->segment, SEGMENT_SIZE_MAX))
		return law_refuse_malformed(
		    deciding, "a segment is at most 32 of a-z, 0-9, '_', '-'");
	member = law_find_self(deciding, command->account);
	if (member == NULL ||
	    !may_have_segment(deciding, member, command->segment))
		return false;
	law_name_member(deciding, member);
	deciding->entry->segment = command->segment;
	deciding->entry->standing = command->standing;
	deciding->entry->has |= ENTRY_HAS(TAG_SEGMENT) | ENTRY_HAS(TAG_STATUS);
	return true;
}

/* Details and segments are the member's own, also while it pools. */
bool law_decide_member(struct deciding *deciding)
{
	return deciding->command->segment.size > 0 ? decide_segment(deciding)
						   : decide_details(deciding);
}

/* --- staff ---------------------------------------------------------------- */

bool law_decide_staff(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_cashier *cashier =
	    book_cashier(deciding->book, command->subject);
	const struct book_member *member;

	if (cashier == NULL)
		return law_refuse(deciding, REFUSAL_NOT_FOUND,
		    "There is no cashier %u. See the list for its number.",
		    command->subject);
	if (command->account == cashier->account)
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "This is what is known of cashier %u already.",
		    command->subject);
	if (command->account != 0) {
		member = law_find_self(deciding, command->account);
		if (member == NULL)
			return false;
		law_name_member(deciding, member);
	}
	deciding->entry->subject = command->subject;
	deciding->entry->has |= ENTRY_HAS(TAG_SUBJECT);
	return true;
}
