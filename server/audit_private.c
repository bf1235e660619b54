/*
 * audit_private: owns the comparison of private details with what the chain
 * committed to. Details that are gone are no fault: a person may be erased,
 * and the commitment then stays as a salted hash of nobody.
 *
 * Rows of cards never change. Rows of who a member is do, and so does what the
 * chain commits to: the last commitment counts. Rows are read after the head
 * was, so an entry past that head may have a row, or have changed one, and may
 * not: it explains a row, and is held against none.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/audit_inside.h"
#include "server/details.h"
#include "server/roster.h"

struct kept_row {
	uint64_t id;		/* an account, or a further card's number */
	uint64_t account;	/* whose it is */
	uint16_t birthday;	/* of a member's row */
	struct hash commitment; /* that it leads to */
	bool is_readable;
	bool is_seen;	   /* its entry has come */
	bool holds;	   /* and committed to this */
	uint64_t sequence; /* of that entry, not past the head */
};

struct kept_rows {
	struct audit_private *details;
	struct kept_row *rows; /* by id */
	size_t count;
	size_t capacity;
};

/* What the chain last said of a cashier. */
struct admitted_cashier {
	uint64_t sequence; /* 0: nothing */
	struct hash commitment;
};

struct audit_private {
	struct audit *audit;
	struct kept_rows cards;
	struct kept_rows more_cards;
	struct kept_rows members;
	struct roster *roster;
	struct admitted_cashier *cashiers; /* by number */
	size_t cashier_count;
	uint64_t cards_same;
	uint64_t cards_erased;
};

enum result audit_private_create(
    struct audit *audit, struct audit_private **ret_details, struct error *err)
{
	/* No ticket is made or looked at here. */
	static const uint8_t ticket_key[32];
	struct audit_private *details = calloc(1, sizeof(*details));
	enum result result;

	if (details == NULL)
		return error_no_memory(err);
	details->audit = audit;
	details->cards.details = details;
	details->more_cards.details = details;
	details->members.details = details;
	result = roster_create(ticket_key, &details->roster, err);
	if (result != RESULT_OK) {
		free(details);
		return result;
	}
	*ret_details = details;
	return RESULT_OK;
}

void audit_private_destroy(struct audit_private *details)
{
	if (details == NULL)
		return;
	roster_destroy(details->roster);
	free(details->cards.rows);
	free(details->more_cards.rows);
	free(details->members.rows);
	free(details->cashiers);
	free(details);
}

/* --- reading the rows in ---------------------------------------------------
 */

static void read_card(
    struct audit *audit, struct bytes body, struct kept_row *kept)
{
	struct card_row card;

	kept->account = kept->id;
	kept->is_readable = card_row_decode(body, &card, NULL) == RESULT_OK;
	if (kept->is_readable)
		kept->commitment =
		    card_row_commitment(audit->hasher, &card, kept->id);
}

static void read_more_card(
    struct audit *audit, struct bytes body, struct kept_row *kept)
{
	struct more_card_row card;

	kept->is_readable =
	    more_card_row_decode(body, &card, NULL) == RESULT_OK;
	if (!kept->is_readable)
		return;
	kept->account = card.account;
	kept->commitment =
	    more_card_row_commitment(audit->hasher, &card, kept->id);
}

static void read_member(
    struct audit *audit, struct bytes body, struct kept_row *kept)
{
	struct member_row member;

	kept->account = kept->id;
	kept->is_readable = member_row_decode(body, &member, NULL) == RESULT_OK;
	if (!kept->is_readable)
		return;
	kept->birthday = member.birthday;
	kept->commitment =
	    member_row_commitment(audit->hasher, &member, kept->id);
}

static enum result keep_row(
    void *context, const struct store_private *row, struct error *err)
{
	struct kept_rows *kept = context;
	struct audit *audit = kept->details->audit;
	struct kept_row *rows =
	    audit_grow(kept->rows, &kept->capacity, kept->count, sizeof(*rows));

	if (rows == NULL)
		return error_no_memory(err);
	kept->rows = rows;
	rows = &rows[kept->count++];
	*rows = (struct kept_row){.id = row->id};
	if (kept == &kept->details->cards)
		read_card(audit, row->body, rows);
	else if (kept == &kept->details->more_cards)
		read_more_card(audit, row->body, rows);
	else
		read_member(audit, row->body, rows);
	return RESULT_OK;
}

static int compare_ids(const void *one, const void *other)
{
	uint64_t a = ((const struct kept_row *)one)->id;
	uint64_t b = ((const struct kept_row *)other)->id;

	return a < b ? -1 : a > b;
}

static enum result read_rows(struct kept_rows *kept, struct store *store,
    enum private_kind kind, struct error *err)
{
	enum result result =
	    store->ops->privates(store, kind, keep_row, kept, err);

	if (kept->count != 0)
		qsort(
		    kept->rows, kept->count, sizeof(*kept->rows), compare_ids);
	return result;
}

static struct kept_row *find_row(const struct kept_rows *kept, uint64_t id)
{
	struct kept_row wanted = {.id = id};

	if (kept->count == 0)
		return NULL;
	return bsearch(
	    &wanted, kept->rows, kept->count, sizeof(wanted), compare_ids);
}

enum result audit_private_read(
    struct audit_private *details, struct store *store, struct error *err)
{
	enum result result =
	    read_rows(&details->cards, store, PRIVATE_CARD, err);

	if (result == RESULT_OK)
		result = read_rows(
		    &details->more_cards, store, PRIVATE_MORE_CARD, err);
	if (result == RESULT_OK)
		result =
		    read_rows(&details->members, store, PRIVATE_MEMBER, err);
	if (result != RESULT_OK)
		return result;
	return roster_load(details->roster, store, err);
}

/* --- what the chain says ---------------------------------------------------
 */

static bool commits_to(const struct entry *entry, const struct kept_row *row)
{
	return row->is_readable && row->account == entry->to_account &&
	       hash_equal(&row->commitment, &entry->commitment);
}

/* A card is committed to once, by its enrolment or by the entry that adds it.
 */
static void check_card(struct audit_private *details, const struct entry *entry,
    struct kept_row *row, bool is_late)
{
	struct audit *audit = details->audit;

	if (row == NULL) {
		details->cards_erased += !is_late;
		return;
	}
	row->is_seen = true;
	if (commits_to(entry, row))
		details->cards_same++;
	else
		audit_report(audit, FAULT_COMMITMENT, audit->sequence,
		    "the card kept for this member %s",
		    !row->is_readable		 ? "cannot be read"
		    : entry->kind == ENTRY_ENROL ? "is not the one that was "
						   "enrolled"
						 : "is not the one that was "
						   "added");
}

/* The last one counts; one past the head may be that of the row. */
static void note_member(
    struct audit_private *details, const struct entry *entry, bool is_late)
{
	struct kept_row *row = find_row(&details->members, entry->to_account);

	if (row == NULL)
		return;
	row->is_seen = true;
	if (!is_late) {
		row->sequence = details->audit->sequence;
		row->holds = commits_to(entry, row);
	} else if (commits_to(entry, row)) {
		row->holds = true;
	}
}

static enum result note_cashier(
    struct audit_private *details, const struct entry *entry, struct error *err)
{
	size_t wanted = (size_t)entry->subject + 1;
	struct admitted_cashier *cashiers = details->cashiers;

	if (entry->standing != STANDING_ACTIVE || entry->subject > CASHIERS_MAX)
		return RESULT_OK;
	if (wanted > details->cashier_count) {
		cashiers = reallocarray(cashiers, wanted, sizeof(*cashiers));
		if (cashiers == NULL)
			return error_no_memory(err);
		memset(&cashiers[details->cashier_count], 0,
		    (wanted - details->cashier_count) * sizeof(*cashiers));
		details->cashiers = cashiers;
		details->cashier_count = wanted;
	}
	cashiers[entry->subject] = (struct admitted_cashier){
	    details->audit->sequence, entry->commitment};
	return RESULT_OK;
}

enum result audit_private_entry(struct audit_private *details,
    const struct entry *entry, bool is_late, struct error *err)
{
	bool commits = (entry->has & ENTRY_HAS(TAG_COMMITMENT)) != 0;

	if (entry->kind == ENTRY_ENROL)
		check_card(details, entry,
		    find_row(&details->cards, entry->to_account), is_late);
	if (entry->kind == ENTRY_CARD && commits)
		check_card(details, entry,
		    find_row(&details->more_cards, entry->card), is_late);
	if (entry->kind == ENTRY_MEMBER && commits)
		note_member(details, entry, is_late);
	if (entry->kind == ENTRY_CASHIER && !is_late)
		return note_cashier(details, entry, err);
	return RESULT_OK;
}

/* --- birthdays -------------------------------------------------------------
 */

/* What a sale of one member could have said. */
struct birthday {
	bool can_be_near;
	bool can_be_far;
};

/*
 * The row tells only while it is what the chain last committed to: of one that
 * was erased, or has been set anew since, nothing is known. Who has never said
 * anything has no birthday.
 */
static void ask_birthday(const struct audit_private *details,
    const struct programme *programme, uint64_t account, int32_t day,
    struct birthday *birthday)
{
	const struct book_member *member =
	    book_member(details->audit->book, account);
	const struct hash *said = member == NULL ? NULL : book_details(member);
	const struct kept_row *row = find_row(&details->members, account);
	bool is_near;

	if (said != NULL && (row == NULL || !row->is_readable ||
				!hash_equal(&row->commitment, said))) {
		birthday->can_be_near = true;
		birthday->can_be_far = true;
		return;
	}
	is_near = said != NULL && row->birthday != 0 &&
		  law_is_birthday(
		      programme, row->birthday / 100, row->birthday % 100, day);
	birthday->can_be_near |= is_near;
	birthday->can_be_far |= !is_near;
}

void audit_private_birthday(
    const struct audit_private *details, const struct entry *entry)
{
	struct audit *audit = details->audit;
	const struct book_programme *version =
	    book_programme_at(audit->book, entry->programme_sequence);
	const struct book_member *member =
	    book_member(audit->book, entry->to_account);
	bool says_near = (entry->facts & FACT_BIRTHDAY) != 0;
	struct birthday birthday = {false, false};
	int32_t day;

	if (version == NULL || member == NULL ||
	    !version->programme->has_birthday_rule)
		return;
	day = zone_local(&version->programme->zone,
	    entry->sold_ms != 0 ? entry->sold_ms : entry->time_ms)
		  .day;
	ask_birthday(
	    details, version->programme, member->account, day, &birthday);
	/* The card may have been that of any who pools with this one. */
	for (uint32_t index = 0;
	     member->extra != NULL && index < member->extra->joined_count;
	     index++)
		ask_birthday(details, version->programme,
		    member->extra->joined[index], day, &birthday);
	if (says_near ? birthday.can_be_near : birthday.can_be_far)
		return;
	audit_report(audit, FAULT_COMMITMENT, audit->sequence,
	    says_near ? "it was not near the member's birthday, as it says"
		      : "it was near the member's birthday, and does not say "
			"so");
}

/* --- at the end ------------------------------------------------------------
 */

static void check_cashiers(struct audit_private *details)
{
	struct audit *audit = details->audit;
	size_t number;

	for (number = 1; number < details->cashier_count; number++) {
		const struct admitted_cashier *admitted =
		    &details->cashiers[number];
		struct roster_cashier cashier;
		struct hash commitment;

		if (admitted->sequence == 0 ||
		    roster_cashier(details->roster, (uint32_t)number, &cashier,
			NULL) != RESULT_OK)
			continue;
		commitment = roster_cashier_commitment(audit->hasher, &cashier);
		if (!hash_equal(&commitment, &admitted->commitment))
			audit_report(audit, FAULT_COMMITMENT,
			    admitted->sequence,
			    "the name kept for cashier %zu is not the one "
			    "that was admitted",
			    number);
	}
}

static void check_members(struct audit_private *details)
{
	for (size_t i = 0; i < details->members.count; i++) {
		const struct kept_row *row = &details->members.rows[i];

		if (row->is_seen && !row->holds && row->sequence != 0)
			audit_report(details->audit, FAULT_COMMITMENT,
			    row->sequence,
			    "the details kept for this member %s",
			    row->is_readable
				? "are not those that were committed to"
				: "cannot be read");
	}
}

/* Rows that no entry knows of. */
static void report_strangers(struct audit_private *details,
    const struct kept_rows *kept, const char *what, const char *why)
{
	for (size_t i = 0; i < kept->count; i++) {
		if (!kept->rows[i].is_seen)
			audit_report(details->audit, FAULT_COMMITMENT,
			    details->audit->sequence, "%s %" PRIu64 ", %s",
			    what, kept->rows[i].id, why);
	}
}

static uint64_t count_held(const struct kept_rows *kept)
{
	uint64_t count = 0;

	for (size_t i = 0; i < kept->count; i++)
		count += kept->rows[i].is_seen && kept->rows[i].holds;
	return count;
}

void audit_private_finish(
    struct audit_private *details, struct audit_summary *ret_summary)
{
	ret_summary->cards = details->cards_same;
	ret_summary->cards_erased = details->cards_erased;
	ret_summary->details = count_held(&details->members);
	check_cashiers(details);
	check_members(details);
	/* Where entries are missing, their members are not strangers. */
	if (!details->audit->tree_is_whole)
		return;
	report_strangers(details, &details->cards, "a card is kept for member",
	    "whom no entry enrols");
	report_strangers(details, &details->more_cards,
	    "a further card is kept as", "which no entry adds");
	report_strangers(details, &details->members,
	    "details are kept for member", "of whom no entry says anything");
}
