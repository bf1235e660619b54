/*
 * The ready programmes of server/programmes/: an owner can adopt each one as it
 * stands.
 */
#include "tests/support/check.h"

#include <stdlib.h>

#include "common/law/programme_inside.h"
#include "common/ledger/lists.h"
#include "tests/unit/common/programme_world.h"

/* The day on which each is without a warning: the campaigns in them end. */
#define TODAY "2026-07-06"

#define FOLDER "server/programmes/"
static const char *const paths[] = {FOLDER "coffee.ini", FOLDER "grocer.ini",
    FOLDER "fashion.ini", FOLDER "filling-station.ini", FOLDER "bookshop.ini"};

static struct buffer read_file(const char *path)
{
	struct buffer text = {0};
	FILE *file = fopen(path, "r");
	struct error err;
	size_t size;

	if (file == NULL)
		fail_msg("%s cannot be read", path);
	assert_int_equal(
	    buffer_reserve(&text, ENTRY_TEXT_SIZE_MAX + 1, &err), RESULT_OK);
	size = fread(text.data, 1, ENTRY_TEXT_SIZE_MAX + 1, file);
	text.size = size;
	assert_int_equal(fclose(file), 0);
	return text;
}

/* No fault, and no warning on TODAY. */
static struct programme *adopt(const char *path)
{
	struct buffer text = read_file(path);
	struct programme *programme = NULL;
	struct told told = {.count = 0};
	struct error err;

	(void)programme_check(
	    buffer_view(&text), world_hear, &told, &programme, &err);
	if (told.count > 0)
		fail_msg("%s: %s", path, told.text);
	programme_warn(programme, world_day(TODAY), world_hear, &told);
	if (told.count > 0)
		fail_msg("%s: %s", path, told.text);
	buffer_finish(&text);
	return programme;
}

static const struct programme_rule *rule_of(
    const struct programme *programme, const char *id)
{
	for (size_t index = 0; index < programme->rule_count; index++) {
		if (strcmp(programme->rules[index].id, id) == 0)
			return &programme->rules[index];
	}
	fail_msg("there is no rule '%s'", id);
	return NULL;
}

static const struct programme_reward *reward_of(
    const struct programme *programme, const char *id)
{
	const struct programme_reward *reward =
	    programme_reward(programme, bytes_of_string(id));

	assert_non_null(reward);
	return reward;
}

static void assert_has(const struct programme *programme,
    struct programme_names names, const char *name)
{
	assert_true(programme_names_have(
	    programme, names, programme_name(bytes_of_string(name))));
}

static void a_coffee_shop_gives_stamps(void **state)
{
	struct programme *programme = adopt(FOLDER "coffee.ini");
	const struct programme_rule *stamp = rule_of(programme, "stamp");
	const struct programme_reward *coffee = reward_of(programme, "coffee");
	int32_t active_day;
	int32_t expiry_day;

	(void)state;
	assert_string_equal(programme->rules[0].id, "stamp");
	assert_int_equal(stamp->give, RULE_PER_ITEM);
	assert_int_equal(stamp->points_micro, POINTS_MICRO);
	assert_has(programme, stamp->categories, "coffee");
	assert_int_equal(coffee->points, 10);
	assert_int_equal(coffee->kind, REWARD_PRODUCT);
	assert_int_equal(
	    rule_of(programme, "birthday")->points_micro, 10 * POINTS_MICRO);
	assert_int_equal(rule_of(programme, "afternoon")->weekdays, 0x0f);
	assert_int_equal(rule_of(programme, "afternoon")->group,
	    rule_of(programme, "thursday")->group);
	assert_true(programme->no_debt);
	programme_stamps(programme, world_day(TODAY), &active_day, &expiry_day);
	assert_int_equal(active_day, 0);
	assert_int_equal(expiry_day, -183);
	programme_destroy(programme);
}

static void a_grocer_gives_points_and_takes_them_as_money(void **state)
{
	struct programme *programme = adopt(FOLDER "grocer.ini");
	const struct programme_reward *cash = reward_of(programme, "cash");
	const struct programme_rule *lunch = rule_of(programme, "lunch");
	int32_t active_day;
	int32_t expiry_day;

	(void)state;
	assert_int_equal(programme->rule_count, 20);
	assert_string_equal(programme->rules[0].id, "base");
	assert_int_equal(programme_earn_points(programme, 12345), 123);
	assert_has(programme, programme->exclude_categories, "tobacco");
	assert_has(programme, programme->exclude_categories, "medicine");
	assert_int_equal(cash->kind, REWARD_MONEY);
	assert_int_equal(cash->money_points, 100);
	assert_int_equal(cash->money_minor, 100);
	assert_int_equal(lunch->give, RULE_MULTIPLY);
	assert_int_equal(lunch->minute_from, 11 * 60);
	assert_int_equal(rule_of(programme, "surprise")->chance, 250);
	assert_int_equal(
	    rule_of(programme, "first-fish")->times_max[PERIOD_EVER], 1);
	assert_int_equal(rule_of(programme, "neighbour")->give, RULE_REFER);
	programme_stamps(
	    programme, world_day("2026-02-26"), &active_day, &expiry_day);
	assert_int_equal(active_day, world_day("2026-03-01"));
	assert_int_equal(expiry_day, world_day("2027-03-31"));
	programme_destroy(programme);
}

static void a_fashion_house_has_tiers(void **state)
{
	struct programme *programme = adopt(FOLDER "fashion.ini");
	const struct programme_reward *show = reward_of(programme, "show");

	(void)state;
	assert_int_equal(programme->tier_count, 3);
	assert_int_equal(programme->qualify, QUALIFY_AMOUNT);
	assert_int_equal(programme->window, WINDOW_ROLLING);
	assert_int_equal(programme->tiers[1].from, 120000);
	assert_string_equal(programme->tiers[2].name, "Atelier");
	assert_int_equal(rule_of(programme, "silver")->multiply_milli, 1250);
	assert_int_equal(rule_of(programme, "silver")->tiers, 1 << 1);
	assert_int_equal(
	    rule_of(programme, "preview")->tiers, (1 << 2) | (1 << 3));
	assert_int_equal(show->tiers, 1 << 3);
	assert_int_equal(show->stock, 40);
	assert_int_equal(programme->pending_days, 28);
	programme_destroy(programme);
}

static void a_filling_station_counts_litres(void **state)
{
	struct programme *programme = adopt(FOLDER "filling-station.ini");
	const struct programme_rule *litre = rule_of(programme, "litre");
	const struct programme_rule *night = rule_of(programme, "night");

	(void)state;
	assert_int_equal(litre->give, RULE_PER_ITEM);
	assert_has(programme, litre->categories, "diesel");
	assert_int_equal(litre->sale_points_max, 120);
	assert_true(night->minute_from > night->minute_until);
	assert_int_equal(programme->zone.offset_s, 10 * 3600);
	assert_int_equal(programme->late_days_max, 14);
	assert_int_equal(rule_of(programme, "dust")->shops.count, 3);
	assert_int_equal(
	    rule_of(programme, "full-tank")->budget_points_max, 1000000);
	assert_int_equal(reward_of(programme, "wash")->points, 600);
	programme_destroy(programme);
}

static void a_bookshop_leads_to_the_next_shelf(void **state)
{
	struct programme *programme = adopt(FOLDER "bookshop.ini");
	const struct programme_rule *poetry =
	    rule_of(programme, "first-poetry");

	(void)state;
	assert_int_equal(poetry->give, RULE_PER_VISIT);
	assert_int_equal(poetry->times_max[PERIOD_EVER], 1);
	assert_has(programme, poetry->categories, "poetry");
	assert_int_equal(rule_of(programme, "books")->categories.count, 11);
	assert_int_equal(rule_of(programme, "rest")->points_micro, 1500000);
	assert_true(rule_of(programme, "birthday")->is_birthday);
	assert_int_equal(programme->birthday_days, 5);
	assert_int_equal(programme->qualify, QUALIFY_VISITS);
	assert_int_equal(programme->window, WINDOW_ANNIVERSARY);
	assert_true(programme->downgrade_all);
	programme_destroy(programme);
}

/* A key is shown in a text where a line starts with it. */
static bool shows_key(const struct buffer *text, const char *key)
{
	const char *line = (const char *)text->data;
	size_t size = strlen(key);

	for (; line != NULL; line = strchr(line, '\n')) {
		line = &line[line[0] == '\n'];
		if (strncmp(line, key, size) == 0 && line[size] == ' ' &&
		    line[size + 1] == '=')
			return true;
	}
	return false;
}

static void together_they_show_nearly_every_key(void **state)
{
	enum { TEXTS = sizeof(paths) / sizeof(*paths) };
	struct buffer texts[TEXTS];
	size_t keys = 0;
	size_t shown = 0;

	(void)state;
	for (size_t text = 0; text < TEXTS; text++) {
		texts[text] = read_file(paths[text]);
		texts[text].data[texts[text].size] = '\0';
	}
	for (enum section section = 0; section < SECTION_COUNT; section++) {
		for (const struct key *key = section_keys(section);
		     key->name != NULL; key = &key[1]) {
			bool is_shown = false;

			for (size_t text = 0; text < TEXTS; text++)
				is_shown |= shows_key(&texts[text], key->name);
			keys++;
			shown += is_shown;
		}
	}
	assert_true(keys > 80);
	assert_true(shown + 3 >= keys);
	for (size_t text = 0; text < TEXTS; text++)
		buffer_finish(&texts[text]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_coffee_shop_gives_stamps),
	    cmocka_unit_test(a_grocer_gives_points_and_takes_them_as_money),
	    cmocka_unit_test(a_fashion_house_has_tiers),
	    cmocka_unit_test(a_filling_station_counts_litres),
	    cmocka_unit_test(a_bookshop_leads_to_the_next_shelf),
	    cmocka_unit_test(together_they_show_nearly_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
