/*
 * history_steps: what can happen in a random history, each kind with whatever
 * can be said of it, well or badly.
 */
#ifndef TESTS_UNIT_COMMON_HISTORY_STEPS_H
#define TESTS_UNIT_COMMON_HISTORY_STEPS_H

#include "tests/unit/common/history.h"

/* --- sales ------------------------------------------------------------------
 */

static inline void step_lines(struct history *history, struct command *command)
{
	static const char *const categories[] = {
	    "fruit", "wine", "deposit", ""};
	uint64_t count = 1 + history_below(history, 4);

	world_lines_start(&history->lines);
	for (uint64_t line = 0; line < count; line++)
		world_lines_add(&history->lines,
		    categories[history_below(history, 4)], "",
		    (uint32_t)history_below(history, 4),
		    history_one_in(history, 6)
			? -(int64_t)history_below(history, 300)
			: (int64_t)history_below(history, 6000));
	command->lines = world_lines_view(&history->lines);
	command->amount_minor = (uint64_t)lines_amount_minor(command->lines);
}

static inline void step_sale(struct history *history, struct command *command)
{
	command->amount_minor = 1 + history_below(history, 15000);
	if (history_one_in(history, 2))
		step_lines(history, command);
	if (history_one_in(history, 5))
		command->sold_ms = history->world->now_ms -
				   history_below(history, 10 * DAY_MS);
	if (history_one_in(history, 2))
		command->receipt = bytes_of_string("A-17");
}

static inline void step_draw(struct history *history, struct command *command)
{
	if (history_one_in(history, 3))
		return;
	command->draw_size =
	    1 + history_below(history, history->world->count + 1);
	command->draw_root = world_hash((uint8_t)history_random(history));
}

static inline void step_earn(struct history *history)
{
	struct command command = history_ask(history, ENTRY_EARN);

	step_sale(history, &command);
	step_draw(history, &command);
	if (history_one_in(history, 8))
		command.paid_minor = history_below(history, 20000);
	command.is_birthday = history_one_in(history, 10);
	(void)history_do(history, &command);
}

static inline void step_sale_without_card(struct history *history)
{
	struct command command = history_ask(history, ENTRY_SALE);

	command.account = 0;
	step_sale(history, &command);
	(void)history_do(history, &command);
}

static inline void step_claim(struct history *history)
{
	struct command command = history_ask(history, ENTRY_EARN);

	command.receipt = bytes_of_string("A-17");
	command.wants_related = true;
	if (history_entry_of(history,
		history_one_in(history, 9) ? ENTRY_EARN : ENTRY_SALE,
		&history->related))
		command.related = &history->related;
	step_draw(history, &command);
	(void)history_do(history, &command);
}

/* --- rewards ----------------------------------------------------------------
 */

static inline void step_buy(struct history *history)
{
	static const char *const rewards[] = {
	    "tea", "mug", "five", "tenth", "cash", "gala", "no"};
	struct command command = history_ask(
	    history, history_one_in(history, 3) ? ENTRY_HOLD : ENTRY_REDEEM);

	command.reward = bytes_of_string(rewards[history_below(history, 7)]);
	command.amount_minor = history_below(history, 5000);
	if (command.reward.data[0] == 'c')
		command.points = 10 * history_below(history, 40);
	(void)history_do(history, &command);
}

static inline void step_capture(struct history *history)
{
	struct command command = history_ask(history, ENTRY_REDEEM);

	command.wants_related = true;
	if (history_entry_of(history, ENTRY_HOLD, &history->related)) {
		command.related = &history->related;
		if (!history_one_in(history, 10))
			command.account = history->related.to_account;
	}
	(void)history_do(history, &command);
}

/* --- what comes back --------------------------------------------------------
 */

static inline void step_backs(struct history *history, struct command *command)
{
	struct reader reader = reader_of(history->related.lines);
	struct sale_line line;

	world_lines_start(&history->lines);
	for (uint8_t place = 0; sale_line_read(&reader, &line); place++) {
		int64_t amount = line.amount_minor;

		if (history_one_in(history, 2))
			continue;
		if (history_one_in(history, 3))
			amount = amount / 2;
		world_backs_add(&history->lines, place,
		    (uint32_t)history_below(history, line.quantity + 1),
		    amount);
	}
	command->backs = world_lines_view(&history->lines);
	command->amount_minor = 0;
}

static inline void step_return(struct history *history)
{
	struct command command = history_ask(history, ENTRY_RETURN);

	command.account = 0;
	if (!history_entry_of(history, ENTRY_EARN, &history->related))
		return;
	command.related = &history->related;
	command.amount_minor =
	    1 + history_below(history, history->related.amount_minor);
	if (history->related.lines.size > 0 && history_one_in(history, 2))
		step_backs(history, &command);
	(void)history_do(history, &command);
}

static inline void step_give_back(struct history *history)
{
	struct command command = history_ask(history, ENTRY_RETURN);

	command.account = 0;
	if (!history_entry_of(history, ENTRY_REDEEM, &history->related))
		return;
	command.related = &history->related;
	if (history_one_in(history, 2))
		command.points =
		    history_below(history, history->related.points + 2);
	(void)history_do(history, &command);
}

/* Something of late, or something that has not come yet and may still come. */
static inline void step_void(struct history *history)
{
	struct command command = history_ask(history, ENTRY_VOID);
	struct world *world = history->world;
	uint64_t back = history_below(history, 12);

	command.account = 0;
	if (history_one_in(history, 6)) {
		command.voided_counter = command.counter;
		command.counter = ++world->counters[command.terminal];
		(void)history_do(history, &command);
		command.kind = ENTRY_EARN;
		command.counter = command.voided_counter;
		command.account = history_member(history);
		command.amount_minor = 100;
		if (history_do(history, &command) &&
		    book_is_tombstone(
			world->book, command.terminal, command.counter))
			history_fault(history, "a tombstone", "is no bar");
		return;
	}
	for (uint64_t sequence = world->count; sequence >= 1; sequence--) {
		struct entry entry = world_entry(world, sequence);

		if (entry.terminal == 0 || back-- > 0)
			continue;
		history->related = entry;
		command.related = &history->related;
		command.terminal = entry.terminal;
		command.counter = ++world->counters[entry.terminal];
		command.voided_counter = entry.counter;
		break;
	}
	(void)history_do(history, &command);
}

/* --- people -----------------------------------------------------------------
 */

static inline void step_enrol(struct history *history)
{
	struct command command = history_ask(history, ENTRY_ENROL);

	command.commitment = world_hash(0xaa);
	if (history_one_in(history, 2))
		command.referrer = history_member(history);
	(void)history_do(history, &command);
}

static inline void step_adjust(struct history *history)
{
	bool is_owners = history_one_in(history, 4);
	struct command command = history_ask(history, ENTRY_ADJUST);

	if (is_owners) {
		command.terminal = 0;
		command.cashier = 0;
		command.counter =
		    book_head(history->world->book)->server_counter + 1;
		if (history_one_in(history, 3))
			command.expiry_day =
			    (int32_t)(history->world->now_ms / DAY_MS) +
			    (int32_t)history_below(history, 90);
	}
	command.points = 1 + history_below(history, 90);
	command.takes = history_one_in(history, 3);
	if (command.takes)
		command.expiry_day = 0;
	command.reason = bytes_of_string("spilt coffee");
	if (!is_owners && history_one_in(history, 3))
		command.second = 3;
	(void)history_do(history, &command);
}

static inline void step_transfer(struct history *history)
{
	struct command command = history_ask(history, ENTRY_TRANSFER);

	command.other_account = history_member(history);
	command.points = 1 + history_below(history, 120);
	(void)history_do(history, &command);
}

static inline void step_join(struct history *history)
{
	struct command command = history_ask(history, ENTRY_JOIN);

	command.other_account = history_member(history);
	(void)history_do(history, &command);
}

static inline void step_leave(struct history *history)
{
	struct command command = history_ask(history, ENTRY_LEAVE);
	const struct book_member *member =
	    book_member(history->world->book, command.account);

	if (member != NULL && book_joined_to(member) != 0) {
		history->related =
		    world_entry(history->world, member->extra->joined_by);
		command.related = &history->related;
		command.wants_related = true;
	}
	(void)history_do(history, &command);
}

static inline void step_card(struct history *history)
{
	struct command command = history_ask(history, ENTRY_CARD);

	command.card = history_one_in(history, 3)
			   ? 0
			   : ACCOUNT_MEMBER_MIN + history_below(history, 40);
	command.standing =
	    history_one_in(history, 2) ? STANDING_ACTIVE : STANDING_REVOKED;
	if (command.standing == STANDING_ACTIVE && command.card != 0)
		command.commitment = world_hash(0xca);
	(void)history_do(history, &command);
}

static inline void step_details(struct history *history)
{
	struct command command = history_ask(history, ENTRY_MEMBER);

	if (history_one_in(history, 3)) {
		command.commitment = world_hash(0xde);
	} else {
		command.segment = bytes_of_string("staff");
		command.standing = history_one_in(history, 2)
				       ? STANDING_ACTIVE
				       : STANDING_REVOKED;
	}
	(void)history_do(history, &command);
}

/* --- the owner --------------------------------------------------------------
 */

static inline void step_programme(struct history *history)
{
	struct command command = history_command(history, ENTRY_PROGRAMME, 0);

	command.text = bytes_of_string(
	    history->rules[history_below(history, history->rules_count)]);
	(void)history_do(history, &command);
}

static inline void step_terminal(struct history *history)
{
	struct command command = history_command(history, ENTRY_TERMINAL, 0);

	command.subject = 1 + (uint32_t)history_below(history, HISTORY_TILLS);
	command.role = ROLE_TERMINAL;
	command.standing = STANDING_ACTIVE;
	command.key = world_hash((uint8_t)command.subject);
	if (history_one_in(history, 2))
		command.shop = bytes_of_string("north");
	(void)history_do(history, &command);
}

static inline void step_cashier(struct history *history)
{
	struct command command = history_command(history, ENTRY_CASHIER, 0);

	command.subject = 1 + (uint32_t)history_below(history, 3);
	command.role = command.subject == 3 ? ROLE_SUPERVISOR : ROLE_CASHIER;
	command.standing = STANDING_ACTIVE;
	command.commitment = world_hash((uint8_t)command.subject);
	(void)history_do(history, &command);
}

static inline void step_staff(struct history *history)
{
	struct command command = history_command(history, ENTRY_STAFF, 0);

	command.subject = 1 + (uint32_t)history_below(history, 3);
	command.account =
	    history_one_in(history, 2) ? 0 : history_member(history);
	(void)history_do(history, &command);
}

/* --- time -------------------------------------------------------------------
 */

/* Mostly minutes, now and then days or weeks, and once in a while back. */
static inline void step_time(struct history *history)
{
	uint64_t dice = history_below(history, 100);
	uint64_t *now_ms = &history->world->now_ms;

	if (dice < 85)
		*now_ms += history_below(history, 1200000);
	else if (dice < 96)
		*now_ms += history_below(history, 2 * (uint64_t)DAY_MS);
	else if (dice < 98)
		*now_ms += history_below(history, 30 * (uint64_t)DAY_MS);
	else
		*now_ms -= history_below(history, 7200000);
}

static inline void history_step(struct history *history, uint64_t random)
{
	static const struct {
		unsigned weight;
		void (*step)(struct history *history);
	} kinds[] = {{24, step_earn}, {3, step_sale_without_card},
	    {3, step_claim}, {16, step_buy}, {5, step_capture},
	    {10, step_return}, {5, step_give_back}, {6, step_void},
	    {4, step_enrol}, {5, step_adjust}, {5, step_transfer},
	    {3, step_join}, {3, step_leave}, {2, step_card}, {2, step_details},
	    {1, step_programme}, {1, step_terminal}, {1, step_cashier},
	    {1, step_staff}, {3, history_two_nights}};
	unsigned sum = 0;
	unsigned dice;

	history->random = random;
	step_time(history);
	for (size_t at = 0; at < sizeof(kinds) / sizeof(*kinds); at++)
		sum += kinds[at].weight;
	dice = (unsigned)history_below(history, sum);
	for (size_t at = 0;; at++) {
		if (dice < kinds[at].weight) {
			kinds[at].step(history);
			return;
		}
		dice -= kinds[at].weight;
	}
}

#endif
