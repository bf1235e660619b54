/*
 * law_check: owns the way back, from an entry to the command that it answers,
 * and the comparison of what was decided with what is recorded.
 */
#include "common/law/law.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The command that would lead to `entry`. Views borrow from the entry. */
static struct command command_of(
    const struct entry *entry, const struct entry *related)
{
	struct command command = {
	    .kind = entry->kind,
	    .terminal = entry->terminal,
	    .counter = entry->counter,
	    .cashier = entry->cashier,
	    .amount_minor = entry->amount_minor,
	    .reward = entry->reward,
	    .receipt = entry->receipt,
	    .commitment = entry->commitment,
	    .key = entry->key,
	    .text = entry->text,
	    .subject = entry->subject,
	    .role = entry->role,
	    .standing = entry->standing,
	};

	memcpy(command.random, entry->random, sizeof(command.random));
	if (entry->kind == ENTRY_ENROL || entry->kind == ENTRY_EARN)
		command.account = entry->to_account;
	if (entry->kind == ENTRY_REDEEM || entry->kind == ENTRY_RETURN)
		command.account = entry->from_account;
	if (entry->kind == ENTRY_RETURN)
		command.related = related;
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
	compare_number(comparison, "the set of fields", is->has, should->has);
}

enum result law_check(const struct book *book, const struct entry *entry,
    const struct entry *related, struct error *err)
{
	struct command command = command_of(entry, related);
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
	return comparison.result;
}

/* --- the same operation --------------------------------------------------- */

/*
 * The till says a card, not an account. Where an enrolment is sent again the
 * card is that member's by now, so its account is the same; a card that is
 * nobody's has a fresh account, and so is another operation.
 */
static bool same_member(
    const struct entry *entry, const struct command *command)
{
	if (entry->kind == ENTRY_RETURN && command->account == 0)
		return true;
	return entry_member(entry) == command->account;
}

static bool same_subject(
    const struct entry *entry, const struct command *command)
{
	if (entry->kind == ENTRY_SHOP)
		return hash_equal(&entry->key, &command->key);
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
	       hash_equal(&entry->key, &command->key);
}

bool law_same_operation(
    const struct entry *entry, const struct command *command)
{
	uint64_t sale =
	    command->related == NULL ? 0 : command->related->sequence;

	return entry->kind == command->kind &&
	       memcmp(entry->random, command->random, sizeof(entry->random)) ==
		   0 &&
	       entry->amount_minor == command->amount_minor &&
	       entry->related_sequence == sale &&
	       bytes_equal(entry->reward, command->reward) &&
	       bytes_equal(entry->receipt, command->receipt) &&
	       bytes_equal(entry->text, command->text) &&
	       same_member(entry, command) && same_subject(entry, command);
}
