/*
 * Tallystick writing an owner's text: what it writes, it reads again.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/common/programme_world.h"

static void appends_a_reward_as_an_owner_would(void **state)
{
	struct programme_reward reward = {"cake", "G\xc3\xa2teau", 40};
	struct buffer text = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    programme_with_reward(bytes_of_string(GOOD), &reward, &text, &err),
	    RESULT_OK);
	assert_int_equal(
	    buffer_append(&text, bytes_of("", 1), &err), RESULT_OK);
	assert_string_equal((const char *)text.data,
	    GOOD "\n[reward cake]\nname = G\xc3\xa2teau\npoints = 40\n");
	text.size = 0;
	/* A last line without its end gets one. */
	assert_int_equal(programme_with_reward(
			     bytes_of(GOOD COFFEE, strlen(GOOD COFFEE) - 1),
			     &reward, &text, &err),
	    RESULT_OK);
	assert_int_equal(
	    buffer_append(&text, bytes_of("", 1), &err), RESULT_OK);
	assert_string_equal((const char *)text.data,
	    GOOD COFFEE "\n[reward cake]\nname = G\xc3\xa2teau\npoints = 40\n");
	buffer_finish(&text);
}

static void assert_not_appended(struct bytes text, const char *id,
    const char *name, uint64_t points, enum result result)
{
	struct programme_reward reward = {.points = points};
	struct buffer longer = {0};
	struct error err = {RESULT_OK, ""};

	strcpy(reward.id, id);
	strcpy(reward.name, name);
	assert_int_equal(
	    programme_with_reward(text, &reward, &longer, &err), result);
	assert_int_equal(err.result, result);
	assert_int_equal(longer.size, 0);
	buffer_finish(&longer);
}

static void refuses_to_append_a_bad_reward(void **state)
{
	struct bytes text = bytes_of_string(GOOD COFFEE);

	(void)state;
	assert_not_appended(text, "coffee", "Coffee", 1, RESULT_EXISTS);
	/* Of the ident of [earn tqwcazfk]. */
	assert_not_appended(
	    bytes_of_string(GOOD "[earn tqwcazfk]\nmultiply = 2\n"), "qzsrmjuz",
	    "Tea", 1, RESULT_EXISTS);
	assert_not_appended(text, "", "Tea", 1, RESULT_INVALID);
	assert_not_appended(text, "Tea", "Tea", 1, RESULT_INVALID);
	assert_not_appended(text, "te]a", "Tea", 1, RESULT_INVALID);
	assert_not_appended(text, "tea", "", 1, RESULT_INVALID);
	assert_not_appended(text, "tea", "Tea\n[x]", 1, RESULT_INVALID);
	assert_not_appended(text, "tea", "Tea ", 1, RESULT_INVALID);
	assert_not_appended(text, "tea", " Tea", 1, RESULT_INVALID);
	assert_not_appended(text, "tea", "Tea ; green", 1, RESULT_INVALID);
	assert_not_appended(text, "tea", "\xff", 1, RESULT_INVALID);
	assert_not_appended(text, "tea", "Tea", 0, RESULT_INVALID);
	assert_not_appended(text, "tea", "Tea", POINTS_MAX + 1, RESULT_INVALID);
	assert_not_appended(
	    bytes_of_string("[programme]\n"), "tea", "Tea", 1, RESULT_INVALID);
}

static void appends_rewards_up_to_the_limits(void **state)
{
	struct buffer text = {0};
	struct buffer longer = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    buffer_append(&text, bytes_of_string(GOOD), &err), RESULT_OK);
	for (unsigned number = 0; number < REWARDS_MAX; number++) {
		struct programme_reward reward = {
		    .name = "[x] = \"#\"", .points = number + 1};

		(void)snprintf(reward.id, sizeof(reward.id), "r%u", number);
		assert_int_equal(programme_with_reward(buffer_view(&text),
				     &reward, &longer, &err),
		    RESULT_OK);
		buffer_finish(&text);
		text = longer;
		longer = (struct buffer){0};
	}
	assert_not_appended(
	    buffer_view(&text), "one-more", "N", 1, RESULT_LIMIT);
	buffer_finish(&text);
	text = world_padded_text(ENTRY_TEXT_SIZE_MAX - 10);
	assert_not_appended(buffer_view(&text), "tea", "Tea", 1, RESULT_LIMIT);
	buffer_finish(&text);
}

/* What is written with a name is read with that name. */
static void writes_names_that_are_read_back(void **state)
{
	static const char *const names[] = {"Tea", "[x]", "= y", ": z", "# no",
	    "\"quoted\"", "a  b", "caf\xc3\xa9 \xe2\x98\x95", "a=b:c]"};

	(void)state;
	for (size_t index = 0; index < sizeof(names) / sizeof(*names);
	     index++) {
		struct programme_reward reward = {.id = "tea", .points = 9};
		struct programme *programme;
		struct buffer text = {0};
		struct error err;

		strcpy(reward.name, names[index]);
		assert_int_equal(programme_with_reward(bytes_of_string(GOOD),
				     &reward, &text, &err),
		    RESULT_OK);
		assert_int_equal(
		    programme_parse(buffer_view(&text), &programme, &err),
		    RESULT_OK);
		assert_memory_equal(
		    &programme->rewards[0].id, reward.id, sizeof(reward.id));
		assert_string_equal(programme->rewards[0].name, reward.name);
		assert_int_equal(programme->rewards[0].points, 9);
		programme_destroy(programme);
		buffer_finish(&text);
	}
}

static void starts_a_shop_with_a_text_that_is_read(void **state)
{
	struct buffer text = {0};
	struct programme *programme;
	struct error err;

	(void)state;
	assert_int_equal(
	    programme_first_text("Zur M\xc3\xbchle", &text, &err), RESULT_OK);
	assert_int_equal(
	    programme_parse(buffer_view(&text), &programme, &err), RESULT_OK);
	assert_string_equal(programme->name, "Zur M\xc3\xbchle");
	assert_int_equal(programme->earn_points, 1);
	assert_int_equal(programme->earn_amount_minor, 100);
	assert_int_equal(programme->sale_amount_minor_max, 200000);
	assert_int_equal(programme->offline_redeem_points_max, 0);
	assert_int_equal(programme->reward_count, 0);
	programme_destroy(programme);
	buffer_finish(&text);
}

static void refuses_to_start_a_shop_with_a_bad_name(void **state)
{
	static const char *const names[] = {"", " ", "a ", ";", "a\nb", "\xff",
	    "a;b",
	    "1234567890123456789012345678901234567890123456789012345678901234"
	    "5"};

	(void)state;
	for (size_t index = 0; index < sizeof(names) / sizeof(*names);
	     index++) {
		struct buffer text = {0};
		struct error err;

		assert_int_equal(
		    programme_first_text(names[index], &text, &err),
		    RESULT_INVALID);
		assert_int_equal(text.size, 0);
		buffer_finish(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(appends_a_reward_as_an_owner_would),
	    cmocka_unit_test(refuses_to_append_a_bad_reward),
	    cmocka_unit_test(appends_rewards_up_to_the_limits),
	    cmocka_unit_test(writes_names_that_are_read_back),
	    cmocka_unit_test(starts_a_shop_with_a_text_that_is_read),
	    cmocka_unit_test(refuses_to_start_a_shop_with_a_bad_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
