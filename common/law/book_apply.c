/*
 * book_apply: owns how a book changes: one entry at a time, in order.
 *
 * Nothing in an entry is taken on trust. Whether it is lawful is law_check()'s
 * question; here it is whether it can be folded in at all. An object that is
 * already true at the entry's sequence is passed over, so each change looks at
 * true_at first, and each question about the entry is asked of objects that it
 * changes alone.
 */
#include "common/law/book_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One entry changes at most an asker, two accounts, and one subject. */
#define DIRTY_AT_ONCE_MAX 4u

__attribute__((format(printf, 3, 4))) static enum result cannot(
    struct error *err, const struct entry *entry, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error_set(err, RESULT_INVALID, "entry %llu (%s): %s",
	    (unsigned long long)entry->sequence, entry_kind_name(entry->kind),
	    text);
}

/* Room was made in prepare(). */
static void mark_dirty(struct book *book, uint64_t key, bool *dirty)
{
	if (*dirty)
		return;
	*dirty = true;
	book->dirty_keys[book->dirty_count++] = key;
}

/* --- who asked ------------------------------------------------------------ */

static enum result apply_asker(
    struct book *book, const struct entry *entry, struct error *err)
{
	struct book_terminal *terminal;

	if (entry->counter < 1 || entry->counter > COUNTER_MAX)
		return cannot(err, entry, "the counter %llu is out of range",
		    (unsigned long long)entry->counter);
	if (entry->cashier != 0 &&
	    book_find_cashier(book, entry->cashier) == NULL)
		return cannot(
		    err, entry, "there is no cashier %u", entry->cashier);
	if (entry->terminal == 0) {
		if (book->shop.true_at >= entry->sequence)
			return RESULT_OK;
		if (entry->counter > book->head.server_counter)
			book->head.server_counter = entry->counter;
		book->shop.true_at = entry->sequence;
		mark_dirty(book, BOOK_KEY_SHOP, &book->shop.dirty);
		return RESULT_OK;
	}
	terminal = book_find_terminal(book, entry->terminal);
	if (terminal == NULL)
		return cannot(
		    err, entry, "there is no terminal %u", entry->terminal);
	if (terminal->true_at >= entry->sequence)
		return RESULT_OK;
	if (entry->counter > terminal->counter_max)
		terminal->counter_max = entry->counter;
	terminal->true_at = entry->sequence;
	mark_dirty(
	    book, BOOK_KEY_TERMINAL + terminal->number, &terminal->dirty);
	return RESULT_OK;
}

/* --- points --------------------------------------------------------------- */

/* `points` is positive for what comes in, negative for what goes out. */
static enum result move_own(struct book *book, enum account number,
    int64_t points, const struct entry *entry, struct error *err)
{
	struct book_account *account = &book->accounts[number];

	if (account->true_at >= entry->sequence)
		return RESULT_OK;
	if (__builtin_add_overflow(
		account->balance_points, points, &account->balance_points) ||
	    !book_is_balance(account->balance_points))
		return cannot(
		    err, entry, "account %d would overflow", (int)number);
	account->true_at = entry->sequence;
	mark_dirty(book, number, &account->dirty);
	return RESULT_OK;
}

static enum result move_member(struct book *book, struct book_member *member,
    int64_t points, uint64_t previous_sequence, const struct entry *entry,
    struct error *err)
{
	int64_t balance_points;

	if (member->last_sequence != previous_sequence)
		return cannot(err, entry,
		    "the member's previous entry is %llu, not %llu",
		    (unsigned long long)member->last_sequence,
		    (unsigned long long)previous_sequence);
	if (__builtin_add_overflow(
		member->balance_points, points, &balance_points) ||
	    __builtin_add_overflow(
		book->members_points, points, &book->members_points) ||
	    !book_is_balance(balance_points))
		return cannot(err, entry, "the balance would overflow");
	if ((entry->has & ENTRY_HAS(TAG_BALANCE)) &&
	    entry->balance_points != balance_points)
		return cannot(err, entry,
		    "the balance is %lld, and the entry says %lld",
		    (long long)balance_points,
		    (long long)entry->balance_points);
	member->balance_points = balance_points;
	member->last_sequence = entry->sequence;
	member->true_at = entry->sequence;
	mark_dirty(book, member->account, &member->dirty);
	return RESULT_OK;
}

/* The member that points come to or go from, where the entry's accounts are
 * those of its kind. */
static enum result moved_member(struct book *book, const struct entry *entry,
    uint64_t own, uint64_t own_wanted, uint64_t account,
    struct book_member **ret_member, struct error *err)
{
	if (own != own_wanted)
		return cannot(err, entry, "account %llu is not %llu",
		    (unsigned long long)own, (unsigned long long)own_wanted);
	if (entry->points > POINTS_MAX)
		return cannot(err, entry, "%llu points are past the limit",
		    (unsigned long long)entry->points);
	*ret_member = book_find_member(book, account);
	if (*ret_member == NULL)
		return cannot(err, entry, "there is no member %llu",
		    (unsigned long long)account);
	return RESULT_OK;
}

static enum result apply_programme_named(
    const struct book *book, const struct entry *entry, struct error *err)
{
	if (book_programme_at(book, entry->programme_sequence) == NULL)
		return cannot(err, entry, "there is no programme %llu",
		    (unsigned long long)entry->programme_sequence);
	return RESULT_OK;
}

static enum result apply_earn(
    struct book *book, const struct entry *entry, struct error *err)
{
	struct book_member *member;
	enum result result = moved_member(book, entry, entry->from_account,
	    ACCOUNT_ISSUED, entry->to_account, &member, err);

	if (result == RESULT_OK)
		result = apply_programme_named(book, entry, err);
	if (result == RESULT_OK)
		result = move_own(
		    book, ACCOUNT_ISSUED, -(int64_t)entry->points, entry, err);
	if (result == RESULT_OK && member->true_at < entry->sequence)
		result = move_member(book, member, (int64_t)entry->points,
		    entry->to_previous_sequence, entry, err);
	return result;
}

static enum result apply_redeem(
    struct book *book, const struct entry *entry, struct error *err)
{
	struct book_member *member;
	enum result result = moved_member(book, entry, entry->to_account,
	    ACCOUNT_REDEEMED, entry->from_account, &member, err);

	if (result == RESULT_OK)
		result = apply_programme_named(book, entry, err);
	if (result == RESULT_OK)
		result = move_own(
		    book, ACCOUNT_REDEEMED, (int64_t)entry->points, entry, err);
	if (result == RESULT_OK && member->true_at < entry->sequence)
		result = move_member(book, member, -(int64_t)entry->points,
		    entry->from_previous_sequence, entry, err);
	return result;
}

/* Open a place for a sale of which something comes back the first time. */
static struct book_returned *add_returned(
    struct book_extra *member, size_t place, uint64_t sale_sequence)
{
	uint32_t count = member->returned_count;
	struct book_returned *returned = member->returned;

	/* The array has room for the power of two at or above its count. */
	if (count == 0 || (count & (count - 1)) == 0) {
		returned = reallocarray(returned,
		    count == 0 ? 1 : (size_t)count * 2, sizeof(*returned));
		if (returned == NULL)
			return NULL;
		member->returned = returned;
	}
	memmove(&returned[place + 1], &returned[place],
	    (count - place) * sizeof(*returned));
	returned[place] =
	    (struct book_returned){.sale_sequence = sale_sequence};
	member->returned_count++;
	return &returned[place];
}

static enum result note_returned(
    struct book_member *member, const struct entry *entry, struct error *err)
{
	uint64_t sale = entry->related_sequence;
	size_t place = book_returned_place(member, sale);
	struct book_extra *extra = book_add_extra(member);
	struct book_returned *returned;

	if (extra == NULL)
		return error_no_memory(err);
	if (place < extra->returned_count &&
	    extra->returned[place].sale_sequence == sale)
		returned = &extra->returned[place];
	else if (extra->returned_count == UINT32_MAX / 2)
		return cannot(err, entry, "too many returns of one member");
	else
		returned = add_returned(extra, place, sale);
	if (returned == NULL)
		return error_no_memory(err);
	if (__builtin_add_overflow(returned->amount_minor, entry->amount_minor,
		&returned->amount_minor) ||
	    __builtin_add_overflow(
		returned->points, entry->points, &returned->points))
		return cannot(err, entry, "what came back would overflow");
	return RESULT_OK;
}

static enum result apply_return(
    struct book *book, const struct entry *entry, struct error *err)
{
	struct book_member *member;
	enum result result = moved_member(book, entry, entry->to_account,
	    ACCOUNT_ISSUED, entry->from_account, &member, err);

	if (result == RESULT_OK)
		result = apply_programme_named(book, entry, err);
	if (result != RESULT_OK)
		return result;
	if (entry->related_sequence == 0 ||
	    entry->related_sequence >= entry->sequence)
		return cannot(err, entry, "%llu is no earlier sale",
		    (unsigned long long)entry->related_sequence);
	result =
	    move_own(book, ACCOUNT_ISSUED, (int64_t)entry->points, entry, err);
	if (result != RESULT_OK || member->true_at >= entry->sequence)
		return result;
	result = note_returned(member, entry, err);
	if (result == RESULT_OK)
		result = move_member(book, member, -(int64_t)entry->points,
		    entry->from_previous_sequence, entry, err);
	return result;
}

static enum result apply_enrol(
    struct book *book, const struct entry *entry, struct error *err)
{
	uint64_t account = entry->to_account;
	struct book_member *member;

	if (entry->from_account != 0 || entry->points != 0 ||
	    account < ACCOUNT_MEMBER_MIN || account > ACCOUNT_MEMBER_MAX)
		return cannot(err, entry, "no member's account is opened");
	member = book_find_member(book, account);
	if (member != NULL) {
		if (member->true_at >= entry->sequence &&
		    member->enrolled_sequence == entry->sequence)
			return RESULT_OK;
		return cannot(err, entry, "member %llu is there already",
		    (unsigned long long)account);
	}
	member = book_add_member(book, account);
	if (member == NULL)
		return error_no_memory(err);
	member->enrolled_sequence = entry->sequence;
	return move_member(
	    book, member, 0, entry->to_previous_sequence, entry, err);
}

/* --- subjects ------------------------------------------------------------- */

static enum result apply_terminal(
    struct book *book, const struct entry *entry, struct error *err)
{
	bool active = entry->standing == STANDING_ACTIVE;
	struct book_terminal *terminal;

	if (entry->subject < 1 || entry->subject > TERMINALS_MAX ||
	    !book_role_is_of_terminal(entry->role) ||
	    !book_is_standing(entry->standing) ||
	    (active && !(entry->has & ENTRY_HAS(TAG_KEY))))
		return cannot(
		    err, entry, "terminal %u is malformed", entry->subject);
	if (!active && book_find_terminal(book, entry->subject) == NULL)
		return cannot(
		    err, entry, "there is no terminal %u", entry->subject);
	terminal = book_place_terminal(book, entry->subject);
	if (terminal == NULL)
		return error_no_memory(err);
	if (terminal->true_at >= entry->sequence)
		return RESULT_OK;
	if (active)
		terminal->key = entry->key;
	terminal->role = entry->role;
	book_set_terminal_standing(book, terminal, entry->standing);
	terminal->true_at = entry->sequence;
	mark_dirty(
	    book, BOOK_KEY_TERMINAL + terminal->number, &terminal->dirty);
	return RESULT_OK;
}

static enum result apply_cashier(
    struct book *book, const struct entry *entry, struct error *err)
{
	struct book_cashier *cashier;

	if (entry->subject < 1 || entry->subject > CASHIERS_MAX ||
	    !book_role_is_of_cashier(entry->role) ||
	    !book_is_standing(entry->standing))
		return cannot(
		    err, entry, "cashier %u is malformed", entry->subject);
	if (entry->standing == STANDING_REVOKED &&
	    book_find_cashier(book, entry->subject) == NULL)
		return cannot(
		    err, entry, "there is no cashier %u", entry->subject);
	cashier = book_place_cashier(book, entry->subject);
	if (cashier == NULL)
		return error_no_memory(err);
	if (cashier->true_at >= entry->sequence)
		return RESULT_OK;
	cashier->role = entry->role;
	book_set_cashier_standing(book, cashier, entry->standing);
	cashier->true_at = entry->sequence;
	mark_dirty(book, BOOK_KEY_CASHIER + cashier->number, &cashier->dirty);
	return RESULT_OK;
}

/* The next version: a new one, or the one that was loaded in its place. */
static enum result apply_programme(
    struct book *book, const struct entry *entry, struct error *err)
{
	uint64_t version = book->programme_count + 1;
	bool dirty = false;
	struct book_programme *place;
	enum result result;

	if (version > BOOK_PROGRAMMES_MAX)
		return cannot(
		    err, entry, "more than %u versions", BOOK_PROGRAMMES_MAX);
	place = book_place_programme(book, version);
	if (place == NULL)
		return error_no_memory(err);
	if (place->programme != NULL) {
		if (place->sequence != entry->sequence ||
		    !bytes_equal(place->text, entry->text))
			return cannot(err, entry,
			    "version %llu is kept as another",
			    (unsigned long long)version);
		book->programme_count++;
		return RESULT_OK;
	}
	result = programme_parse(entry->text, &place->programme, err);
	if (result != RESULT_OK)
		return error_prefix(err, "entry %llu (programme)",
		    (unsigned long long)entry->sequence);
	if (!book_copy_bytes(entry->text, &place->text))
		return error_no_memory(err);
	place->sequence = entry->sequence;
	book->programme_count++;
	mark_dirty(book, BOOK_KEY_PROGRAMME + version, &dirty);
	return RESULT_OK;
}

static enum result apply_shop(
    struct book *book, const struct entry *entry, struct error *err)
{
	struct book_shop *shop = &book->shop;

	if (entry->terminal != 0)
		return cannot(
		    err, entry, "terminal %u makes no shop", entry->terminal);
	if (entry->text.size == 0)
		return cannot(err, entry, "the shop has no origin");
	if (shop->origin.size != 0) {
		if (bytes_equal(shop->origin, entry->text) &&
		    hash_equal(&shop->key, &entry->key))
			return RESULT_OK;
		return cannot(err, entry, "the shop is kept as another");
	}
	if (!book_copy_bytes(entry->text, &shop->origin))
		return error_no_memory(err);
	shop->key = entry->key;
	return RESULT_OK;
}

/* --- the whole ------------------------------------------------------------ */

/* Its place in the history, and room for the keys that it will make dirty. */
static enum result prepare(
    struct book *book, const struct entry *entry, struct error *err)
{
	uint64_t *keys;

	if (!book->started) {
		enum result result = book_start_at(book, 0, 0, err);

		if (result != RESULT_OK)
			return result;
	}
	if (book->head.sequence >= SEQUENCE_MAX ||
	    entry->sequence != book->head.sequence + 1)
		return cannot(err, entry, "it does not follow entry %llu",
		    (unsigned long long)book->head.sequence);
	if (entry->time_ms < book->head.time_ms)
		return cannot(err, entry, "its time %llu is before %llu",
		    (unsigned long long)entry->time_ms,
		    (unsigned long long)book->head.time_ms);
	if ((entry->sequence == 1) != (entry->kind == ENTRY_SHOP))
		return cannot(err, entry, "a shop is the first entry alone");
	keys = book_grow(book->dirty_keys, &book->dirty_capacity,
	    book->dirty_count + DIRTY_AT_ONCE_MAX, sizeof(*keys));
	if (keys == NULL)
		return error_no_memory(err);
	book->dirty_keys = keys;
	return RESULT_OK;
}

static enum result apply_kind(
    struct book *book, const struct entry *entry, struct error *err)
{
	switch (entry->kind) {
	case ENTRY_SHOP:
		return apply_shop(book, entry, err);
	case ENTRY_PROGRAMME:
		return apply_programme(book, entry, err);
	case ENTRY_TERMINAL:
		return apply_terminal(book, entry, err);
	case ENTRY_CASHIER:
		return apply_cashier(book, entry, err);
	case ENTRY_ENROL:
		return apply_enrol(book, entry, err);
	case ENTRY_EARN:
		return apply_earn(book, entry, err);
	case ENTRY_REDEEM:
		return apply_redeem(book, entry, err);
	case ENTRY_RETURN:
		return apply_return(book, entry, err);
	}
	return cannot(err, entry, "kind %d is unknown", (int)entry->kind);
}

enum result book_apply(
    struct book *book, const struct entry *entry, struct error *err)
{
	enum result result = prepare(book, entry, err);

	if (result == RESULT_OK)
		result = apply_kind(book, entry, err);
	/* After the kind: the shop's entry makes the object that is true. */
	if (result == RESULT_OK)
		result = apply_asker(book, entry, err);
	if (result != RESULT_OK)
		return result;
	book->head.sequence = entry->sequence;
	book->head.time_ms = entry->time_ms;
	return RESULT_OK;
}
