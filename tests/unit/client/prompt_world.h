/*
 * prompt_world: a prompt with a customer and a shop with each kind of reward,
 * for the tests of a whole programme's words. A test program includes it once.
 */
#ifndef TESTS_UNIT_CLIENT_PROMPT_WORLD_H
#define TESTS_UNIT_CLIENT_PROMPT_WORLD_H

#include "tests/unit/client/prompt_typed.h"
#include "tests/unit/client/reward_samples.h"

#define OTHER "20123451"

static struct shop_facts facts = {
    .reward_count = 4,
    .rewards = {REWARD_COFFEE, REWARD_FIVE, REWARD_TENTH,
	{.id = "cash",
	    .name = "Pay with points",
	    .kind = REWARD_MONEY,
	    .money_points = 100,
	    .money_minor = 100,
	    .money_step = 50,
	    .money_share_max = 50}},
};

/* Of the operation that show() tells of. */
static uint64_t number;

static int begin(void **state)
{
	(void)state;
	number = 12;
	memset(&prompt, 0, sizeof prompt);
	strcpy(prompt.card, CARD);
	output.size = 0;
	return 0;
}

/* Typed, and a command for the customer. */
static void ask(const char *line, enum till_do what)
{
	if (type(line) != PROMPT_COMMAND)
		fail_msg("%s: %s", line, said());
	assert_int_equal(command.what, what);
}

/* Typed, and something is missing or wrong: a sentence with `part` in it. */
static void fault(const char *line, const char *part)
{
	const char *text;

	assert_int_equal(type(line), PROMPT_NOTHING);
	text = said();
	if (!strstr(text, part))
		fail_msg("%s: %s", line, text);
}

static void show(
    enum till_do what, enum till_end how, const tally_OperationReply *reply)
{
	struct till_result result = {.kind = TILL_ANSWER,
	    .what = what,
	    .end = how,
	    .id = "",
	    .card = CARD,
	    .operation = number,
	    .why = how == TILL_DONE ? NULL : "why",
	    .operation_reply = reply,
	    .refusal = {.say = "Said."}};

	prompt_append_result(&prompt, &result, &facts, &output);
}

static tally_OperationReply reply_of(int64_t points, uint64_t spendable)
{
	tally_OperationReply reply = {.entry = 60,
	    .points = points,
	    .balance = (int64_t)spendable,
	    .spendable = spendable};

	return reply;
}

#endif
