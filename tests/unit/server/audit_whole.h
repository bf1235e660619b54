/*
 * audit_whole: a ledger of every kind of entry under a whole programme, with
 * further cards, members' details, birthdays and draws.
 */
#ifndef TESTS_UNIT_SERVER_AUDIT_WHOLE_H
#define TESTS_UNIT_SERVER_AUDIT_WHOLE_H

#include "server/details.h"
#include "tests/unit/server/audit_world.h"

/* It is 14 November 2023 all the time. */
#define NEAR_MMDD 1114u
#define FAR_MMDD 301u

#define WHOLE                                                              \
	"[programme]\nname = Corner\ncurrency = EUR\nearn_points = 1\n"    \
	"earn_amount = 1.00\nsale_amount_max = 2000.00\nclaim_days = 14\n" \
	"[points]\nexpire_months = 12\nwarn_days = 400\n"                  \
	"[reward tea]\nname = Tea\npoints = 5\n"                           \
	"[earn birthday]\npoints = 7\nper = visit\nbirthday = yes\n"       \
	"[earn luck]\npoints = 100\nper = visit\nchance = 9\n"             \
	"[tiers]\nqualify = points\nwindow = year\n"                       \
	"[tier silver]\nname = Silver\nfrom = 100\n"                       \
	"[transfer]\npoints_min = 1\n"                                     \
	"[goodwill]\ncashier_day_points = 50\n"

/* --- private rows ----------------------------------------------------------
 */

static inline struct store_private *next_row(
    struct ledger_made *made, enum private_kind kind, uint64_t id)
{
	struct store_private *row = NULL;
	size_t i;

	/* A row that is there already is replaced. */
	for (i = 0; i < made->row_count && row == NULL; i++)
		if (made->rows[i].kind == kind && made->rows[i].id == id)
			row = &made->rows[i];
	if (row == NULL) {
		assert_true(made->row_count < ROWS_MORE);
		row = &made->rows[made->row_count++];
	}
	row->kind = kind;
	row->id = id;
	return row;
}

static inline uint8_t *body_of(
    struct ledger_made *made, const struct store_private *row)
{
	return made->bodies[row - made->rows];
}

static inline void says_who(
    struct ledger_made *made, size_t member, const char *name, uint16_t mmdd)
{
	uint64_t account = account_of(member);
	struct member_row details = {.salt = {3}, .birthday = mmdd};
	struct store_private *row = next_row(made, PRIVATE_MEMBER, account);

	snprintf(details.name, sizeof(details.name), "%s", name);
	row->body = member_row_encode(&details, body_of(made, row));
	must_act(made, (struct command){.kind = ENTRY_MEMBER,
			   .account = account,
			   .commitment = member_row_commitment(
			       made->hasher, &details, account)});
}

static inline void adds_card(
    struct ledger_made *made, size_t member, uint64_t card)
{
	uint64_t account = account_of(member);
	struct more_card_row more = {
	    .salt = {4}, .account = account, .number = "2900000000117"};
	struct store_private *row = next_row(made, PRIVATE_MORE_CARD, card);

	row->body = more_card_row_encode(&more, body_of(made, row));
	must_act(made, (struct command){.kind = ENTRY_CARD,
			   .account = account,
			   .card = card,
			   .standing = STANDING_ACTIVE,
			   .commitment = more_card_row_commitment(
			       made->hasher, &more, card)});
}

/* --- what happens -----------------------------------------------------------
 */

/* By a till, and its cashier. */
static inline struct command at_till(
    enum entry_kind kind, uint32_t terminal, size_t member)
{
	return (struct command){.kind = kind,
	    .terminal = terminal,
	    .cashier = 1,
	    .account = account_of(member)};
}

static inline bool is_near(const struct ledger_made *made, size_t member)
{
	return (member == 0 || member == 6) !=
	       (account_of(member) == made->lies_of);
}

static inline void buys(struct ledger_made *made, uint32_t terminal,
    size_t member, uint64_t amount_minor)
{
	struct command command = at_till(ENTRY_EARN, terminal, member);
	struct checkpoint newest;
	const struct note *note = &made->notes[made->note_count - 1];

	must(made, checkpoint_parse(
		       bytes_of(note->text, note->size), &newest, &made->err));
	command.amount_minor = amount_minor;
	command.is_birthday = is_near(made, member);
	command.draw_size = newest.size;
	command.draw_root = newest.root;
	must_act(made, command);
}

static inline void relates(
    struct ledger_made *made, struct command *command, struct entry *related)
{
	*related = decoded(made, made->count);
	command->related = related;
	command->wants_related = true;
}

/* What the till did last is undone. */
static inline void undoes(
    struct ledger_made *made, uint32_t terminal, size_t member)
{
	struct command command = at_till(ENTRY_VOID, terminal, member);
	struct entry last;

	relates(made, &command, &last);
	command.account = entry_member(&last);
	command.voided_counter = last.counter;
	must_act(made, command);
}

static inline void holds_and_captures(struct ledger_made *made)
{
	struct command command = at_till(ENTRY_HOLD, 1, 3);
	struct entry hold;

	command.reward = bytes_of_string("tea");
	must_act(made, command);
	command = at_till(ENTRY_REDEEM, 1, 3);
	relates(made, &command, &hold);
	must_act(made, command);
	command = at_till(ENTRY_HOLD, 1, 3);
	command.reward = bytes_of_string("tea");
	must_act(made, command);
	undoes(made, 1, 3);
	command = at_till(ENTRY_REDEEM, 1, 3);
	command.reward = bytes_of_string("tea");
	must_act(made, command);
	undoes(made, 1, 3);
}

static inline void sells_and_claims(struct ledger_made *made)
{
	struct command command = at_till(ENTRY_SALE, 2, 0);
	struct entry sale;

	command.account = 0;
	command.amount_minor = 700;
	command.receipt = bytes_of_string("S-1");
	must_act(made, command);
	command = at_till(ENTRY_EARN, 1, 4);
	relates(made, &command, &sale);
	command.receipt = bytes_of_string("S-1");
	must_act(made, command);
}

static inline void pools_and_leaves(struct ledger_made *made)
{
	struct command command = {.kind = ENTRY_JOIN,
	    .account = account_of(6),
	    .other_account = account_of(7)};
	struct entry join;

	buys(made, 1, 6, 1000);
	must_act(made, command);
	join = decoded(made, made->count);
	buys(made, 1, 6, 1000); /* points of 7, near the birthday of 6 */
	buys(made, 1, 7, 1000);
	command = (struct command){.kind = ENTRY_LEAVE,
	    .account = account_of(6),
	    .related = &join,
	    .wants_related = true};
	must_act(made, command);
}

/* All that the night has to do. */
static inline void passes_the_night(struct ledger_made *made)
{
	for (size_t member = 0; member < MEMBERS; member++) {
		uint64_t now_ms = 1700000000000u + made->count * 1000;
		struct command command;

		while (law_due(made->book,
		    book_member(made->book, account_of(member)), now_ms,
		    &command))
			must_act(made, command);
	}
}

/* An operation that a till counted and never sent. */
static inline void buries(struct ledger_made *made)
{
	struct command command = at_till(ENTRY_VOID, 2, 0);

	command.account = 0;
	command.voided_counter = ++made->counter_next[2];
	must_act(made, command);
}

static inline void happens_once(struct ledger_made *made)
{
	struct command command;
	struct entry sale;

	says_who(made, 0, "Ada", NEAR_MMDD);
	says_who(made, 1, "Bo", FAR_MMDD);
	says_who(made, 2, "Cy", NEAR_MMDD);
	says_who(made, 2, "Cyd", FAR_MMDD);
	says_who(made, 6, "Di", NEAR_MMDD);
	adds_card(made, 0, 77);
	must_act(made, (struct command){.kind = ENTRY_MEMBER,
			   .account = account_of(5),
			   .segment = bytes_of_string("staff"),
			   .standing = STANDING_ACTIVE});
	must_act(made, (struct command){.kind = ENTRY_ADJUST,
			   .account = account_of(3),
			   .points = 100,
			   .reason = bytes_of_string("opening balance")});
	holds_and_captures(made);
	sells_and_claims(made);
	buys(made, 1, 5, 900);
	undoes(made, 1, 5);
	buys(made, 2, 5, 20000);
	command = at_till(ENTRY_RETURN, 2, 5);
	relates(made, &command, &sale);
	command.amount_minor = 15000;
	must_act(made, command);
	command = at_till(ENTRY_TRANSFER, 1, 3);
	command.other_account = account_of(5);
	command.points = 10;
	must_act(made, command);
	pools_and_leaves(made);
	buries(made);
	passes_the_night(made);
}

static inline void trade_whole(struct ledger_made *made)
{
	if (made->count + 1 == FIRST_ENROL + MEMBERS)
		happens_once(made);
	else
		buys(made, 1 + (uint32_t)(made->count & 1),
		    made->count % MEMBERS, 100 + made->count * 7);
}

static inline int make_whole(void **state)
{
	*state = make_with(WHOLE, trade_whole, 0);
	return 0;
}

#define WITH_WHOLE(test) \
	cmocka_unit_test_setup_teardown(test, make_whole, unmake)

#endif
