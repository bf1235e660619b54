/*
 * law_owner: owns what the owner decides: the shop, its rules, and who works
 * there. law.c has asked who it is before it comes here.
 */
#include "common/law/law_inside.h"

#include <string.h>

#include "common/ledger/checkpoint.h"

/* An origin names the key of every checkpoint, so it is one word that every
 * tool reads alike: printable ASCII without a blank or '+'. */
static bool origin_is_good(struct bytes origin)
{
	if (origin.size == 0 || origin.size > ORIGIN_SIZE_MAX)
		return false;
	for (size_t index = 0; index < origin.size; index++) {
		uint8_t character = origin.data[index];

		if (character <= ' ' || character > '~' || character == '+')
			return false;
	}
	return true;
}

bool law_decide_shop(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	struct entry *entry = deciding->entry;

	if (!origin_is_good(command->text))
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "A shop's origin is 1 to %u bytes without blanks or '+'.",
		    ORIGIN_SIZE_MAX);
	if (law_is_zero(hash_view(&command->key)))
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "A shop needs a key to sign with.");
	entry->text = command->text;
	entry->key = command->key;
	entry->has |= ENTRY_HAS(TAG_TEXT) | ENTRY_HAS(TAG_KEY);
	return true;
}

bool law_decide_programme(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_programme *version = book_programme(deciding->book);
	struct programme *programme;
	struct error err;
	enum result result = programme_parse(command->text, &programme, &err);

	if (result == RESULT_NO_MEMORY)
		return law_refuse(deciding, REFUSAL_OVERLOADED,
		    "The server is short of memory. Try again.");
	if (result != RESULT_OK)
		return law_refuse(deciding,
		    result == RESULT_LIMIT ? REFUSAL_LIMIT : REFUSAL_MALFORMED,
		    "These are no rules: %s", err.text);
	programme_destroy(programme);
	if (version != NULL && version->number >= BOOK_PROGRAMMES_MAX)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "The rules have changed %u times; no more are kept.",
		    BOOK_PROGRAMMES_MAX);
	deciding->entry->text = command->text;
	deciding->entry->has |= ENTRY_HAS(TAG_TEXT);
	return true;
}

/* A terminal or a cashier, as far as they are alike. */
struct subject {
	const char *what; /* "terminal" */
	uint32_t max;
	bool role_is_good;
	enum role role; /* in the book; ROLE_NONE where there is none */
	enum standing standing;
};

/*
 * Any number in range: numbers go out with tokens and cards of paper, and who
 * has got a later one may come first. One that is there is renewed.
 */
static bool admit(struct deciding *deciding, const struct subject *subject)
{
	const struct command *command = deciding->command;

	if (!subject->role_is_good)
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "No %s has role %d. Choose another.", subject->what,
		    (int)command->role);
	if (subject->standing != 0)
		return true;
	if (command->subject == 0 || command->subject > subject->max)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "The number of a %s is 1 to %u, not %u.", subject->what,
		    subject->max, command->subject);
	return true;
}

static bool dismiss(struct deciding *deciding, const struct subject *subject)
{
	const struct command *command = deciding->command;

	if (subject->standing == 0)
		return law_refuse(deciding, REFUSAL_NOT_FOUND,
		    "There is no %s %u. See the list for its number.",
		    subject->what, command->subject);
	if (subject->standing != STANDING_ACTIVE)
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "%s %u has been shut out already.",
		    subject->what[0] == 't' ? "Terminal" : "Cashier",
		    command->subject);
	if (command->role != ROLE_NONE && command->role != subject->role)
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "The role of %s %u is another. Leave it out.",
		    subject->what, command->subject);
	return true;
}

/* Who is dismissed keeps the role that the book knows. */
static bool decide_subject(
    struct deciding *deciding, const struct subject *subject)
{
	const struct command *command = deciding->command;
	struct entry *entry = deciding->entry;

	if (command->standing == STANDING_ACTIVE) {
		if (!admit(deciding, subject))
			return false;
		entry->role = command->role;
	} else if (command->standing == STANDING_REVOKED) {
		if (!dismiss(deciding, subject))
			return false;
		entry->role = subject->role;
	} else {
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "A %s is admitted or shut out, nothing else.",
		    subject->what);
	}
	entry->subject = command->subject;
	entry->standing = command->standing;
	entry->has |= ENTRY_HAS(TAG_SUBJECT) | ENTRY_HAS(TAG_ROLE) |
		      ENTRY_HAS(TAG_STATUS);
	return true;
}

/* A key and a shop are said when it is admitted, and not said again. */
static void admit_terminal(struct deciding *deciding)
{
	struct entry *entry = deciding->entry;

	entry->key = deciding->command->key;
	entry->has |= ENTRY_HAS(TAG_KEY);
	if (deciding->command->shop.size == 0)
		return;
	entry->shop = deciding->command->shop;
	entry->has |= ENTRY_HAS(TAG_SHOP);
}

bool law_decide_terminal(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_terminal *terminal =
	    book_terminal(deciding->book, command->subject);
	struct subject subject = {
	    .what = "terminal",
	    .max = TERMINALS_MAX,
	    .role_is_good =
		command->role == ROLE_TERMINAL || command->role == ROLE_AUDITOR,
	    .role = terminal == NULL ? ROLE_NONE : terminal->role,
	    .standing = terminal == NULL ? 0 : terminal->standing,
	};
	bool active = command->standing == STANDING_ACTIVE;

	if (active && law_is_zero(hash_view(&command->key)))
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "A terminal is admitted by its key; there is none.");
	if (command->shop.size > 0 &&
	    !law_is_id(command->shop, SHOP_ID_SIZE_MAX))
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "A shop's id is at most %u of a-z, 0-9, '_', '-'.",
		    SHOP_ID_SIZE_MAX);
	if (!decide_subject(deciding, &subject))
		return false;
	if (active)
		admit_terminal(deciding);
	return true;
}

bool law_decide_cashier(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_cashier *cashier =
	    book_cashier(deciding->book, command->subject);
	struct subject subject = {
	    .what = "cashier",
	    .max = CASHIERS_MAX,
	    .role_is_good = command->role == ROLE_CASHIER ||
			    command->role == ROLE_SUPERVISOR,
	    .role = cashier == NULL ? ROLE_NONE : cashier->role,
	    .standing = cashier == NULL ? 0 : cashier->standing,
	};
	bool active = command->standing == STANDING_ACTIVE;

	if (active && law_is_zero(hash_view(&command->commitment)))
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "A cashier is admitted with a commitment to the name; "
		    "there is none.");
	if (!decide_subject(deciding, &subject))
		return false;
	if (active) {
		deciding->entry->commitment = command->commitment;
		deciding->entry->has |= ENTRY_HAS(TAG_COMMITMENT);
	}
	return true;
}
