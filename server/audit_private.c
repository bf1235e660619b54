/*
 * audit_private: owns the comparison of private details with what the chain
 * committed to. Details that are gone are no fault: a person may be erased,
 * and the commitment then stays as a salted hash of nobody.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/audit_inside.h"
#include "server/directory.h"
#include "server/roster.h"

struct kept_card {
	uint64_t account;
	struct hash commitment; /* that its row leads to */
	bool is_readable;
	bool is_seen; /* its member's entry has come */
};

/* What the chain last said of a cashier. */
struct admitted_cashier {
	uint64_t sequence; /* 0: nothing */
	struct hash commitment;
};

struct audit_private {
	struct audit *audit;
	struct kept_card *cards; /* by account */
	size_t card_count;
	size_t card_capacity;
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
	free(details->cards);
	free(details->cashiers);
	free(details);
}

static enum result keep_card(
    void *context, const struct store_private *row, struct error *err)
{
	struct audit_private *details = context;
	struct kept_card *cards = audit_grow(details->cards,
	    &details->card_capacity, details->card_count, sizeof(*cards));
	struct kept_card *kept;
	struct card_row card;

	if (cards == NULL)
		return error_no_memory(err);
	details->cards = cards;
	kept = &cards[details->card_count++];
	*kept = (struct kept_card){.account = row->id};
	kept->is_readable =
	    card_row_decode(row->body, &card, NULL) == RESULT_OK;
	if (kept->is_readable)
		kept->commitment =
		    card_row_commitment(details->audit->hasher, &card, row->id);
	return RESULT_OK;
}

static int compare_accounts(const void *one, const void *other)
{
	uint64_t a = ((const struct kept_card *)one)->account;
	uint64_t b = ((const struct kept_card *)other)->account;

	return a < b ? -1 : a > b;
}

enum result audit_private_read(
    struct audit_private *details, struct store *store, struct error *err)
{
	enum result result =
	    store->ops->privates(store, PRIVATE_CARD, keep_card, details, err);

	if (details->card_count != 0)
		qsort(details->cards, details->card_count,
		    sizeof(*details->cards), compare_accounts);
	if (result != RESULT_OK)
		return result;
	return roster_load(details->roster, store, err);
}

/* --- what the chain says ---------------------------------------------------
 */

static void check_member(
    struct audit_private *details, const struct entry *entry)
{
	struct audit *audit = details->audit;
	struct kept_card wanted = {.account = entry->to_account};
	struct kept_card *card = NULL;

	if (details->card_count != 0)
		card = bsearch(&wanted, details->cards, details->card_count,
		    sizeof(wanted), compare_accounts);
	if (card == NULL) {
		details->cards_erased++;
		return;
	}
	card->is_seen = true;
	if (card->is_readable &&
	    hash_equal(&card->commitment, &entry->commitment))
		details->cards_same++;
	else
		audit_report(audit, FAULT_COMMITMENT, audit->sequence,
		    "the card kept for this member %s",
		    card->is_readable ? "is not the one that was enrolled"
				      : "cannot be read");
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

enum result audit_private_entry(
    struct audit_private *details, const struct entry *entry, struct error *err)
{
	if (entry->kind == ENTRY_ENROL)
		check_member(details, entry);
	if (entry->kind == ENTRY_CASHIER)
		return note_cashier(details, entry, err);
	return RESULT_OK;
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

void audit_private_finish(
    struct audit_private *details, uint64_t *ret_same, uint64_t *ret_erased)
{
	size_t i;

	*ret_same = details->cards_same;
	*ret_erased = details->cards_erased;
	check_cashiers(details);
	/* Where entries are missing, their members are not strangers. */
	if (!details->audit->tree_is_whole)
		return;
	for (i = 0; i < details->card_count; i++)
		if (!details->cards[i].is_seen)
			audit_report(details->audit, FAULT_COMMITMENT,
			    details->audit->sequence,
			    "a card is kept for member %" PRIu64
			    ", whom no entry enrols",
			    details->cards[i].account);
}
