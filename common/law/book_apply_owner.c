/*
 * book_apply_owner: owns how the owner's entries change the book: the shop, its
 * rules, who works there.
 */
#include "common/law/book_change.h"

#include <string.h>

static void take_shop(struct book_terminal *terminal, const struct entry *entry)
{
	memset(terminal->shop, 0, sizeof(terminal->shop));
	if (entry->shop.size > 0)
		memcpy(terminal->shop, entry->shop.data, entry->shop.size);
}

enum result change_terminal(struct change *change)
{
	const struct entry *entry = change->entry;
	bool active = entry->standing == STANDING_ACTIVE;
	struct book_terminal *terminal;

	if (entry->subject < 1 || entry->subject > TERMINALS_MAX ||
	    !book_role_is_of_terminal(entry->role) ||
	    !book_is_standing(entry->standing) ||
	    (active && !change_has(change, TAG_KEY)) ||
	    !book_is_shop_id(entry->shop))
		return change_refuse(
		    change, "terminal %u is malformed", entry->subject);
	if (!active && book_find_terminal(change->book, entry->subject) == NULL)
		return change_refuse(
		    change, "there is no terminal %u", entry->subject);
	terminal = book_place_terminal(change->book, entry->subject);
	if (terminal == NULL)
		return error_no_memory(change->err);
	if (!change_is_open(change, terminal->true_at))
		return RESULT_OK;
	if (active) {
		terminal->key = entry->key;
		take_shop(terminal, entry);
	}
	terminal->role = entry->role;
	book_set_terminal_standing(change->book, terminal, entry->standing);
	change_mark(change, BOOK_KEY_TERMINAL + terminal->number,
	    &terminal->true_at, &terminal->dirty);
	return RESULT_OK;
}

enum result change_cashier(struct change *change)
{
	const struct entry *entry = change->entry;
	struct book_cashier *cashier;

	if (entry->subject < 1 || entry->subject > CASHIERS_MAX ||
	    !book_role_is_of_cashier(entry->role) ||
	    !book_is_standing(entry->standing))
		return change_refuse(
		    change, "cashier %u is malformed", entry->subject);
	if (entry->standing == STANDING_REVOKED &&
	    book_find_cashier(change->book, entry->subject) == NULL)
		return change_refuse(
		    change, "there is no cashier %u", entry->subject);
	cashier = book_place_cashier(change->book, entry->subject);
	if (cashier == NULL)
		return error_no_memory(change->err);
	if (!change_is_open(change, cashier->true_at))
		return RESULT_OK;
	cashier->role = entry->role;
	book_set_cashier_standing(change->book, cashier, entry->standing);
	change_mark(change, BOOK_KEY_CASHIER + cashier->number,
	    &cashier->true_at, &cashier->dirty);
	return RESULT_OK;
}

enum result change_staff(struct change *change)
{
	const struct entry *entry = change->entry;
	struct book_cashier *cashier =
	    book_find_cashier(change->book, entry->subject);

	if (cashier == NULL)
		return change_refuse(
		    change, "there is no cashier %u", entry->subject);
	if (!change_is_between(change, ACCOUNT_NONE, SIDE_MEMBER) &&
	    !change_is_between(change, ACCOUNT_NONE, ACCOUNT_NONE))
		return change_refuse(change, "it names no member's account");
	if (!change_is_open(change, cashier->true_at))
		return RESULT_OK;
	cashier->account = entry->to_account;
	change_mark(change, BOOK_KEY_CASHIER + cashier->number,
	    &cashier->true_at, &cashier->dirty);
	return RESULT_OK;
}

/* The next version: a new one, or the one that was loaded in its place. */
enum result change_programme(struct change *change)
{
	const struct entry *entry = change->entry;
	struct book *book = change->book;
	uint64_t version = book->programme_count + 1;
	bool dirty = false;
	struct book_programme *place;
	enum result result;

	if (version > BOOK_PROGRAMMES_MAX)
		return change_refuse(
		    change, "more than %u versions", BOOK_PROGRAMMES_MAX);
	place = book_place_programme(book, version);
	if (place == NULL)
		return error_no_memory(change->err);
	if (place->programme != NULL) {
		if (place->sequence != entry->sequence ||
		    !bytes_equal(place->text, entry->text))
			return change_refuse(change,
			    "version %llu is kept as another",
			    (unsigned long long)version);
		book->programme_count++;
		return RESULT_OK;
	}
	result = programme_parse(entry->text, &place->programme, change->err);
	if (result != RESULT_OK)
		return error_prefix(change->err, "entry %llu (programme)",
		    (unsigned long long)entry->sequence);
	if (!book_copy_bytes(entry->text, &place->text))
		return error_no_memory(change->err);
	book->programme_count++;
	change_mark(
	    change, BOOK_KEY_PROGRAMME + version, &place->sequence, &dirty);
	return RESULT_OK;
}

enum result change_shop(struct change *change)
{
	const struct entry *entry = change->entry;
	struct book_shop *shop = &change->book->shop;

	if (entry->terminal != 0)
		return change_refuse(
		    change, "terminal %u makes no shop", entry->terminal);
	if (entry->text.size == 0)
		return change_refuse(change, "the shop has no origin");
	if (shop->origin.size != 0) {
		if (bytes_equal(shop->origin, entry->text) &&
		    hash_equal(&shop->key, &entry->key))
			return RESULT_OK;
		return change_refuse(change, "the shop is kept as another");
	}
	if (!book_copy_bytes(entry->text, &shop->origin))
		return error_no_memory(change->err);
	shop->key = entry->key;
	return RESULT_OK;
}
