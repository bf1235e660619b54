/*
 * Any bytes as an owner's text: read or refused in one clear line; and where
 * they are read, what is meant is within its bounds, warnings come in order,
 * and a reward can be appended and is read back.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/law/programme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_names(
    const struct programme *programme, struct programme_names names)
{
	assert((size_t)names.first + names.count <= programme->name_count);
	for (size_t index = 0; index < names.count; index++)
		assert(programme_names_have(
		    programme, names, programme->names[names.first + index]));
}

static void check_rule(
    const struct programme *programme, const struct programme_rule *rule)
{
	assert(strlen(rule->name) > 0);
	assert(rule->line > 0);
	assert(
	    rule->ident == programme_ident("earn", bytes_of_string(rule->id)));
	assert(rule->give == RULE_MULTIPLY
		   ? rule->multiply_milli > 1000 &&
			 rule->multiply_milli <= MULTIPLY_MILLI_MAX
		   : rule->points_micro >= 1000 &&
			 rule->points_micro <= POINTS_MAX * POINTS_MICRO);
	assert(rule->give != RULE_PER_AMOUNT || rule->per_amount_minor >= 1);
	assert(rule->group <= programme->group_count);
	assert(rule->tiers < 2u << programme->tier_count);
	assert(rule->weekdays < 0x80);
	assert(rule->minute_from <= 1440 && rule->minute_until <= 1440);
	assert(rule->day_from == DAY_NONE || rule->day_until == DAY_NONE ||
	       rule->day_from <= rule->day_until);
	check_names(programme, rule->categories);
	check_names(programme, rule->products);
	check_names(programme, rule->shops);
	check_names(programme, rule->segments);
}

static void check_reward(
    const struct programme *programme, const struct programme_reward *reward)
{
	assert(strlen(reward->name) > 0);
	assert(
	    programme_reward(programme, bytes_of_string(reward->id)) == reward);
	if (reward->kind == REWARD_MONEY)
		assert(reward->points == 0 && reward->money_points >= 1 &&
		       reward->money_minor >= 1);
	else
		assert(reward->points >= 1 && reward->points <= POINTS_MAX);
	assert(reward->money_step >= 1);
	assert(reward->money_share_max >= 1 && reward->money_share_max <= 100);
	assert(reward->off_percent <= 100);
	assert(reward->tiers < 2u << programme->tier_count);
	assert(reward->hold_ms >= 60000);
}

static void check_whole(const struct programme *programme)
{
	int32_t active_day;
	int32_t expiry_day;

	assert(strlen(programme->name) > 0);
	assert(strlen(programme->currency) == 3);
	assert(programme->earn_points <= POINTS_MAX);
	assert(programme->earn_amount_minor >= 1);
	assert(programme->earn_amount_minor <= AMOUNT_MINOR_MAX);
	assert(programme->sale_amount_minor_max >= 1);
	assert(programme->sale_amount_minor_max <= AMOUNT_MINOR_MAX);
	assert(programme_earn_points(
		   programme, programme->sale_amount_minor_max) <= POINTS_MAX);
	assert(programme->rule_count >= 1);
	assert((programme->earn_points > 0) == programme->rules[0].is_stepped);
	for (size_t index = 1; index < programme->tier_count; index++)
		assert(programme->tiers[index - 1].from <
		       programme->tiers[index].from);
	check_names(programme, programme->exclude_categories);
	check_names(programme, programme->exclude_products);
	assert(zone_local(&programme->zone, 1770000000000u).minute < 1440);
	programme_stamps(programme, 20000, &active_day, &expiry_day);
	assert(active_day == 0 || active_day > 20000);
}

static void check_meaning(const struct programme *programme)
{
	check_whole(programme);
	assert(programme->rule_count <= RULES_MAX);
	for (size_t index = 0; index < programme->rule_count; index++)
		check_rule(programme, &programme->rules[index]);
	assert(programme->reward_count <= REWARDS_MAX);
	for (size_t index = 0; index < programme->reward_count; index++)
		check_reward(programme, &programme->rewards[index]);
}

static void check_appending(struct bytes text, const struct programme *before)
{
	const struct programme_reward reward = {
	    .id = "fuzz-1", .name = "Fuzz", .points = 7};
	const struct programme_reward *appended;
	struct programme *after;
	struct buffer longer = {0};
	struct error err;

	if (programme_with_reward(text, &reward, &longer, &err) != RESULT_OK) {
		assert(
		    err.result == RESULT_EXISTS || err.result == RESULT_LIMIT);
		assert(longer.size == 0);
		return;
	}
	assert(
	    programme_parse(buffer_view(&longer), &after, &err) == RESULT_OK);
	assert(after->reward_count == before->reward_count + 1);
	appended = &after->rewards[before->reward_count];
	assert(strcmp(appended->id, reward.id) == 0);
	assert(strcmp(appended->name, reward.name) == 0);
	assert(appended->points == 7 && appended->kind == REWARD_PRODUCT);
	assert(memcmp(after->rewards, before->rewards,
		   before->reward_count * sizeof(reward)) == 0);
	assert(memcmp(after->rules, before->rules, sizeof(before->rules)) == 0);
	assert(after->earn_amount_minor == before->earn_amount_minor);
	assert(strcmp(after->name, before->name) == 0);
	programme_destroy(after);
	buffer_finish(&longer);
}

static void count_fault(void *context, const struct programme_fault *fault)
{
	size_t *count = context;

	assert(strlen(fault->text) > 0);
	assert(fault->line <= ENTRY_TEXT_SIZE_MAX + 1);
	assert(fault->column <= 199);
	(*count)++;
}

/* Warnings are of sections, in the order of lines. */
static void hear_warning(void *context, const struct programme_fault *fault)
{
	unsigned *line = context;

	assert(strlen(fault->text) > 0);
	assert(fault->line >= *line && fault->column == 0);
	*line = fault->line;
}

/* To go on after a fault changes nothing of what came before it. */
static void check_all_faults(
    struct bytes text, enum result result, const struct error *err)
{
	struct programme *programme = NULL;
	struct error all = {RESULT_OK, ""};
	size_t count = 0;

	assert(programme_check(text, count_fault, &count, &programme, &all) ==
	       result);
	assert((count == 0) == (result == RESULT_OK));
	assert(strcmp(all.text, err->text) == 0);
	assert((programme == NULL) == (result != RESULT_OK));
	programme_destroy(programme);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct programme *programme = NULL;
	struct error err = {RESULT_OK, ""};
	unsigned line = 1;
	enum result result =
	    programme_parse(bytes_of(data, size), &programme, &err);

	check_all_faults(bytes_of(data, size), result, &err);
	if (result != RESULT_OK) {
		assert(result == RESULT_INVALID || result == RESULT_LIMIT);
		assert(programme == NULL);
		assert(strlen(err.text) > 0);
		return 0;
	}
	check_meaning(programme);
	programme_warn(programme, 20640, hear_warning, &line);
	check_appending(bytes_of(data, size), programme);
	programme_destroy(programme);
	return 0;
}
