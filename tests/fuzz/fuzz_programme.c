/*
 * Any bytes as an owner's text: read or refused in one clear line; and where
 * they are read, a reward can be appended and is read back.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/law/programme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rules(const struct programme *programme)
{
	assert(strlen(programme->name) > 0);
	assert(strlen(programme->currency) == 3);
	assert(programme->earn_points >= 1);
	assert(programme->earn_points <= POINTS_MAX);
	assert(programme->earn_amount_minor >= 1);
	assert(programme->earn_amount_minor <= AMOUNT_MINOR_MAX);
	assert(programme->sale_amount_minor_max >= 1);
	assert(programme->sale_amount_minor_max <= AMOUNT_MINOR_MAX);
	assert(programme->reward_count <= REWARDS_MAX);
	assert(programme_earn_points(
		   programme, programme->sale_amount_minor_max) <= POINTS_MAX);
	for (size_t index = 0; index < programme->reward_count; index++) {
		const struct programme_reward *reward =
		    &programme->rewards[index];

		assert(strlen(reward->name) > 0);
		assert(reward->points >= 1 && reward->points <= POINTS_MAX);
		assert(programme_reward(
			   programme, bytes_of_string(reward->id)) == reward);
	}
}

static void check_appending(struct bytes text, const struct programme *before)
{
	const struct programme_reward reward = {"fuzz-1", "Fuzz", 7};
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
	assert(memcmp(&after->rewards[before->reward_count], &reward,
		   sizeof(reward)) == 0);
	assert(memcmp(after->rewards, before->rewards,
		   before->reward_count * sizeof(reward)) == 0);
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
	enum result result =
	    programme_parse(bytes_of(data, size), &programme, &err);

	check_all_faults(bytes_of(data, size), result, &err);
	if (result != RESULT_OK) {
		assert(result == RESULT_INVALID || result == RESULT_LIMIT);
		assert(programme == NULL);
		assert(strlen(err.text) > 0);
		return 0;
	}
	check_rules(programme);
	check_appending(bytes_of(data, size), programme);
	programme_destroy(programme);
	return 0;
}
