/*
 * law_check: owns the way back, from an entry to the command that it answers,
 * and the comparison of what was decided with what is recorded.
 */
#include "common/law/law_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What has its own place in an entry whatever the kind, and is zero there where
 * the kind does not use it. */
static struct command copy_of(
    const struct entry *entry, const struct entry *related)
{
	struct command command = {
	    .kind = entry->kind,
	    .terminal = entry->terminal,
	    .counter = entry->counter,
	    .cashier = entry->cashier,
	    .amount_minor = entry->amount_minor,
	    .paid_minor = entry->paid_minor,
	    .lines = entry->lines,
	    .backs = entry->backs,
	    .sold_ms = entry->sold_ms,
	    .reward = entry->reward,
	    .receipt = entry->receipt,
	    .related = entry->related_sequence != 0 ? related : NULL,
	    .wants_related = entry->related_sequence != 0,
	    .voided_counter = entry->voided_counter,
	    .second = entry->second,
	    .reason = entry->reason,
	    .card = entry->card,
	    .segment = entry->segment,
	    .referrer = entry->referrer,
	    .is_birthday = (entry->facts & FACT_BIRTHDAY) != 0,
	    .draw_size = entry->draw_size,
	    .draw_root = entry->draw_root,
	    .commitment = entry->commitment,
	    .key = entry->key,
	    .text = entry->text,
	    .shop = entry->shop,
	    .subject = entry->subject,
	    .role = entry->role,
	    .standing = entry->standing,
	};

	memcpy(command.random, entry->random, sizeof(command.random));
	return command;
}

/* An opening balance may bring its own last day: it is said where it is not
 * what the programme would give. */
static int32_t opening_day(const struct book *book, const struct entry *entry)
{
	const struct book_programme *version = book_programme(book);
	struct reader reader = reader_of(entry->lots);
	struct lot given = {.expiry_day = LOT_NEVER};
	struct lot usual;

	if (entry->terminal != 0 || version == NULL)
		return 0;
	(void)lot_read(&reader, &given);
	programme_stamps(version->programme,
	    zone_local(&version->programme->zone, entry->time_ms).day,
	    &usual.active_day, &usual.expiry_day);
	if (given.expiry_day == usual.expiry_day &&
	    given.active_day == usual.active_day)
		return 0;
	return given.expiry_day;
}

static void adjust_of(
    struct command *command, const struct book *book, const struct entry *entry)
{
	command->takes = entry->to_account == ACCOUNT_GOODWILL;
	command->points = entry->points;
	if (!command->takes)
		command->expiry_day = opening_day(book, entry);
}

/* The sale is not in the entry; any will do for which its value is right. */
static void purchase_of(
    struct command *command, const struct book *book, const struct entry *entry)
{
	const struct book_programme *version = book_programme(book);
	const struct programme_reward *reward = NULL;

	command->points =
	    entry->kind == ENTRY_HOLD ? entry->held_points : entry->points;
	if (version != NULL)
		reward = programme_reward(version->programme, entry->reward);
	if (reward != NULL && !command->wants_related)
		command->amount_minor = law_redeem_sale_minor(
		    reward, command->points, entry->amount_minor);
}

/*
 * The command that would lead to `entry`. Views borrow from the entry. Who is
 * asked for is the member that the entry names; of two, the one that asks: who
 * sends (transfer), who pools (join), who leaves.
 */
static struct command command_of(const struct book *book,
    const struct entry *entry, const struct entry *related)
{
	struct command command = copy_of(entry, related);

	command.account = entry_member(entry);
	switch (entry->kind) {
	case ENTRY_REDEEM:
	case ENTRY_HOLD:
		purchase_of(&command, book, entry);
		break;
	case ENTRY_RETURN:
		if (entry->from_account == ACCOUNT_REDEEMED)
			command.points = entry->points;
		break;
	case ENTRY_ADJUST:
		adjust_of(&command, book, entry);
		break;
	case ENTRY_TRANSFER:
		command.points = entry->points;
		command.other_account = entry->to_account;
		break;
	case ENTRY_JOIN:
		command.other_account = entry->to_account;
		break;
	case ENTRY_LEAVE:
		command.account = entry->to_account;
		break;
	case ENTRY_BONUS:
		command.account = entry->referrer;
		break;
	default:
		break;
	}
	return command;
}

/* --- comparing ------------------------------------------------------------ */

struct comparison {
	const struct entry *is;	    /* recorded */
	const struct entry *should; /* decided */
	enum result result;
	struct error *err;
};

static void compare_number(struct comparison *comparison, const char *field,
    uint64_t is, uint64_t should)
{
	if (is == should || comparison->result != RESULT_OK)
		return;
	comparison->result = error_set(comparison->err, RESULT_INVALID,
	    "entry %" PRIu64 " (%s): %s is %" PRIu64 ", and should be %" PRIu64,
	    comparison->is->sequence, entry_kind_name(comparison->is->kind),
	    field, is, should);
}

static void compare_signed(struct comparison *comparison, const char *field,
    int64_t is, int64_t should)
{
	if (is == should || comparison->result != RESULT_OK)
		return;
	comparison->result = error_set(comparison->err, RESULT_INVALID,
	    "entry %" PRIu64 " (%s): %s is %" PRId64 ", and should be %" PRId64,
	    comparison->is->sequence, entry_kind_name(comparison->is->kind),
	    field, is, should);
}

/* Named by their first bytes, which is enough to tell them apart. */
static void compare_bytes(struct comparison *comparison, const char *field,
    struct bytes is, struct bytes should)
{
	char is_text[2 * 16 + 1] = "";
	char should_text[2 * 16 + 1] = "";

	if (comparison->result != RESULT_OK || bytes_equal(is, should))
		return;
	bytes_to_hex(bytes_of(is.data, is.size < 16 ? is.size : 16), is_text);
	bytes_to_hex(bytes_of(should.data, should.size < 16 ? should.size : 16),
	    should_text);
	comparison->result = error_set(comparison->err, RESULT_INVALID,
	    "entry %" PRIu64 " (%s): %s is %s (%zu bytes), and should be %s "
	    "(%zu bytes)",
	    comparison->is->sequence, entry_kind_name(comparison->is->kind),
	    field, is_text, is.size, should_text, should.size);
}

static void compare_head(struct comparison *comparison)
{
	const struct entry *is = comparison->is;
	const struct entry *should = comparison->should;

	compare_number(
	    comparison, "its sequence", is->sequence, should->sequence);
	compare_number(comparison, "its time", is->time_ms, should->time_ms);
	compare_number(
	    comparison, "its terminal", is->terminal, should->terminal);
	compare_number(comparison, "its counter", is->counter, should->counter);
	compare_number(comparison, "its cashier", is->cashier, should->cashier);
	compare_number(comparison, "the account that points come from",
	    is->from_account, should->from_account);
	compare_number(comparison, "the account that points go to",
	    is->to_account, should->to_account);
	compare_number(
	    comparison, "the number of points", is->points, should->points);
	compare_number(
	    comparison, "the amount", is->amount_minor, should->amount_minor);
	compare_number(comparison, "the related entry", is->related_sequence,
	    should->related_sequence);
	compare_number(comparison, "the programme", is->programme_sequence,
	    should->programme_sequence);
	compare_bytes(comparison, "its random",
	    bytes_of(is->random, sizeof(is->random)),
	    bytes_of(should->random, sizeof(should->random)));
	compare_number(comparison, "the previous entry of who gives",
	    is->from_previous_sequence, should->from_previous_sequence);
	compare_number(comparison, "the previous entry of who gets",
	    is->to_previous_sequence, should->to_previous_sequence);
}

static void compare_fields(struct comparison *comparison)
{
	const struct entry *is = comparison->is;
	const struct entry *should = comparison->should;

	compare_signed(comparison, "the balance", is->balance_points,
	    should->balance_points);
	compare_number(comparison, "its subject", is->subject, should->subject);
	compare_number(comparison, "the role", is->role, should->role);
	compare_number(
	    comparison, "the standing", is->standing, should->standing);
	compare_bytes(comparison, "the commitment", hash_view(&is->commitment),
	    hash_view(&should->commitment));
	compare_bytes(comparison, "the key", hash_view(&is->key),
	    hash_view(&should->key));
	compare_bytes(comparison, "the text", is->text, should->text);
	compare_bytes(comparison, "the reward", is->reward, should->reward);
	compare_bytes(comparison, "the receipt", is->receipt, should->receipt);
	compare_bytes(comparison, "the reason", is->reason, should->reason);
	compare_bytes(comparison, "the segment", is->segment, should->segment);
	compare_bytes(comparison, "the shop", is->shop, should->shop);
	compare_number(comparison, "the card", is->card, should->card);
	compare_number(
	    comparison, "the second person", is->second, should->second);
	compare_number(
	    comparison, "the referrer", is->referrer, should->referrer);
}

/* Lists, and what is said of sales, holds and voids. */
static void compare_further(struct comparison *comparison)
{
	const struct entry *is = comparison->is;
	const struct entry *should = comparison->should;

	compare_signed(comparison, "the other balance",
	    is->other_balance_points, should->other_balance_points);
	compare_bytes(comparison, "the lines", is->lines, should->lines);
	compare_bytes(comparison, "the parts", is->parts, should->parts);
	compare_bytes(comparison, "the lots", is->lots, should->lots);
	compare_bytes(
	    comparison, "the lines that come back", is->backs, should->backs);
	compare_number(comparison, "its end", is->until_ms, should->until_ms);
	compare_number(comparison, "the points kept", is->held_points,
	    should->held_points);
	compare_number(comparison, "the counter undone", is->voided_counter,
	    should->voided_counter);
	compare_number(
	    comparison, "the tier", is->tier_level, should->tier_level);
	compare_signed(comparison, "the tier's last day", is->tier_until_day,
	    should->tier_until_day);
	compare_number(comparison, "the draw's checkpoint", is->draw_size,
	    should->draw_size);
	compare_bytes(comparison, "the draw's root", hash_view(&is->draw_root),
	    hash_view(&should->draw_root));
	compare_number(comparison, "what was paid with points", is->paid_minor,
	    should->paid_minor);
	compare_number(
	    comparison, "when it was sold", is->sold_ms, should->sold_ms);
	compare_number(comparison, "its facts", is->facts, should->facts);
	compare_number(comparison, "the rules of its parts", is->rules_sequence,
	    should->rules_sequence);
	compare_number(comparison, "whose it was", is->whose, should->whose);
	compare_number(comparison, "the set of fields", is->has, should->has);
}

enum result law_check(const struct book *book, const struct entry *entry,
    const struct entry *related, struct error *err)
{
	struct command command = command_of(book, entry, related);
	struct decision decision;
	struct comparison comparison = {
	    .is = entry,
	    .should = &decision.entry,
	    .err = err,
	};

	law_decide(book, &command, entry->time_ms, &decision);
	if (decision.refusal.code != REFUSAL_NONE)
		return error_set(err, RESULT_INVALID,
		    "entry %" PRIu64 " (%s): it should have been refused "
		    "(%s): %s",
		    entry->sequence, entry_kind_name(entry->kind),
		    refusal_name(decision.refusal.code), decision.refusal.say);
	compare_head(&comparison);
	compare_fields(&comparison);
	compare_further(&comparison);
	return comparison.result;
}

/* --- draws ---------------------------------------------------------------- */

static bool has_chances(const struct book *book)
{
	const struct book_programme *version = book_programme(book);

	for (size_t place = 0;
	     version != NULL && place < version->programme->rule_count; place++)
		if (version->programme->rules[place].chance > 0)
			return true;
	return false;
}

bool law_lacks_draw(const struct book *book, const struct entry *entry,
    const struct entry *related)
{
	struct command command;
	struct decision decision;

	if (entry->kind != ENTRY_EARN || entry->draw_size != 0 ||
	    !has_chances(book))
		return false;
	command = command_of(book, entry, related);
	command.draw_size = 1;
	law_decide(book, &command, entry->time_ms, &decision);
	return (decision.entry.has & ENTRY_HAS(TAG_DRAW)) != 0;
}

/* --- the same operation --------------------------------------------------- */

/*
 * The till says a card, not an account. Where an enrolment is sent again the
 * card is that member's by now, so its account is the same; a card that is
 * nobody's has a fresh account, and so is another operation. Points may have
 * moved of whom the member pools with.
 */
static bool same_member(const struct book *book, uint64_t named, uint64_t asked)
{
	const struct book_member *pool;

	if (named == asked)
		return true;
	pool = book_pool(book, named);
	return pool != NULL && pool == book_pool(book, asked);
}

static bool same_members(const struct book *book, const struct entry *entry,
    const struct command *command)
{
	uint64_t named = entry_member(entry);

	switch (entry->kind) {
	case ENTRY_RETURN:
		return command->account == 0 ||
		       same_member(book, named, command->account);
	case ENTRY_VOID:
		return true; /* it names the operation undone */
	case ENTRY_TRANSFER:
		return same_member(book, named, command->account) &&
		       same_member(
			   book, entry->to_account, command->other_account);
	case ENTRY_JOIN:
		return named == command->account &&
		       entry->to_account == command->other_account;
	case ENTRY_LEAVE:
		return entry->to_account == command->account;
	case ENTRY_BONUS:
		return entry->referrer == command->account;
	default:
		return same_member(book, named, command->account);
	}
}

static bool same_subject(
    const struct entry *entry, const struct command *command)
{
	if (entry->kind == ENTRY_SHOP)
		return hash_equal(&entry->key, &command->key);
	if (entry->kind == ENTRY_STAFF)
		return entry->subject == command->subject;
	if (entry->kind == ENTRY_CARD || entry->kind == ENTRY_MEMBER)
		return entry->standing == command->standing &&
		       bytes_equal(entry->segment, command->segment);
	if (entry->kind != ENTRY_TERMINAL && entry->kind != ENTRY_CASHIER)
		return true;
	if (entry->subject != command->subject ||
	    entry->standing != command->standing)
		return false;
	if (entry->standing == STANDING_REVOKED)
		return command->role == ROLE_NONE ||
		       command->role == entry->role;
	return entry->role == command->role &&
	       hash_equal(&entry->commitment, &command->commitment) &&
	       hash_equal(&entry->key, &command->key) &&
	       bytes_equal(entry->shop, command->shop);
}

/* What a sale, or what comes back of one, was said to be. A claim says nothing
 * but its sale; lines that come back may have said their sum themselves. */
static bool same_sale(const struct entry *entry, const struct command *command)
{
	if (entry->kind == ENTRY_EARN && entry->related_sequence != 0)
		return true;
	if (!bytes_equal(entry->backs, command->backs) ||
	    !bytes_equal(entry->lines, command->lines))
		return false;
	if (entry->amount_minor != command->amount_minor &&
	    !(command->amount_minor == 0 && entry->backs.size > 0))
		return false;
	if (entry->kind == ENTRY_RETURN)
		return true;
	/* A till's time may not have counted. */
	return entry->paid_minor == command->paid_minor &&
	       (entry->sold_ms == 0 || entry->sold_ms == command->sold_ms);
}

/* A reward and its points. A capture says nothing but its hold, and the sale
 * that something was taken off is nowhere kept. */
static bool same_purchase(
    const struct entry *entry, const struct command *command)
{
	uint64_t points =
	    entry->kind == ENTRY_HOLD ? entry->held_points : entry->points;

	if (entry->related_sequence != 0)
		return true;
	return command->points == 0 || command->points == points;
}

static bool same_points(
    const struct entry *entry, const struct command *command)
{
	switch (entry->kind) {
	case ENTRY_EARN:
	case ENTRY_SALE:
		return same_sale(entry, command);
	case ENTRY_RETURN:
		if (entry->from_account != ACCOUNT_REDEEMED)
			return same_sale(entry, command);
		return command->points == 0 || command->points == entry->points;
	case ENTRY_REDEEM:
	case ENTRY_HOLD:
		return same_purchase(entry, command);
	case ENTRY_VOID:
		return entry->voided_counter == command->voided_counter;
	case ENTRY_ADJUST:
		return entry->points == command->points &&
		       (entry->to_account == ACCOUNT_GOODWILL) ==
			   command->takes;
	case ENTRY_TRANSFER:
		return entry->points == command->points;
	default:
		return true;
	}
}

/* What comes back says its reward itself, and so does a capture. */
static bool same_reward(
    const struct entry *entry, const struct command *command)
{
	return entry->related_sequence != 0 ||
	       bytes_equal(entry->reward, command->reward);
}

/* What a void, a leave or a bonus refers to is found out, not said. */
static bool same_related(
    const struct entry *entry, const struct command *command)
{
	if (entry->kind == ENTRY_VOID || entry->kind == ENTRY_LEAVE ||
	    entry->kind == ENTRY_BONUS)
		return true;
	return entry->related_sequence ==
	       (command->related == NULL ? 0 : command->related->sequence);
}

bool law_same_operation(const struct book *book, const struct entry *entry,
    const struct command *command)
{
	return entry->kind == command->kind &&
	       memcmp(entry->random, command->random, sizeof(entry->random)) ==
		   0 &&
	       bytes_equal(entry->receipt, command->receipt) &&
	       bytes_equal(entry->text, command->text) &&
	       bytes_equal(entry->reason, command->reason) &&
	       same_reward(entry, command) && same_related(entry, command) &&
	       same_members(book, entry, command) &&
	       same_subject(entry, command) && same_points(entry, command);
}
