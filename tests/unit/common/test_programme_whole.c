/*
 * What is asked of a section, and of a text, as a whole: what is missing, what
 * wants another key beside it, what contradicts itself; and the limits.
 */
#include "tests/support/check.h"

#include <locale.h>
#include <stdlib.h>

#include "tests/unit/common/programme_world.h"

/* Lines after GOOD, and what is told of them. */
struct fault {
	const char *lines;
	const char *told;
};

static void assert_faults(const struct fault *faults, size_t count)
{
	char text[2048];

	for (size_t index = 0; index < count; index++) {
		(void)snprintf(
		    text, sizeof(text), GOOD "%s", faults[index].lines);
		world_tells(text, faults[index].told);
	}
}

#define ASSERT_FAULTS(faults) \
	assert_faults(faults, sizeof(faults) / sizeof(*(faults)))

static void refuses_points_that_lapse_in_two_ways(void **state)
{
	static const struct fault faults[] = {
	    {"[points]\nexpire_months = 1\nexpire_date = 2030-01-01\n",
		"9:1 'expire_date' and 'expire_months' contradict each other: "
		"one of them is wanted\n"},
	    {"[points]\nexpire_date = 2030-01-01\n  expire_end = year\n",
		"9:3 'expire_date' and 'expire_end' contradict each other: one "
		"of them is wanted\n"},
	    {"[points]\nexpire_date = 2030-01-01\nexpire_inactive_days = 9\n",
		"9:1 'expire_date' and 'expire_inactive_days' contradict each "
		"other: one of them is wanted\n"},
	    {"[points]\nexpire_inactive_days = 9\nexpire_months = 9\n",
		"9:1 'expire_inactive_days' and 'expire_months' contradict "
		"each other: one of them is wanted\n"},
	    {"[points]\nexpire_inactive_days = 9\nexpire_end = month\n",
		"9:1 'expire_inactive_days' and 'expire_end' contradict each "
		"other: one of them is wanted\n"},
	};

	(void)state;
	ASSERT_FAULTS(faults);
}

static void refuses_a_rule_that_gives_in_two_ways_or_in_none(void **state)
{
	static const struct fault faults[] = {
	    {"[earn a]\npoints = 1\nper = item\nmultiply = 2\n",
		"10:1 'points' and 'multiply' contradict each other: one of "
		"them is wanted\n"
		"10:1 'per' and 'multiply' contradict each other: one of them "
		"is wanted\n"},
	    {"[earn a]\nrefer = 1\npoints = 1\nper = item\n",
		"9:1 'points' and 'refer' contradict each other: one of them "
		"is wanted\n"
		"10:1 'per' and 'refer' contradict each other: one of them is "
		"wanted\n"},
	    {"[earn a]\nmultiply = 2\nrefer = 1\n",
		"9:1 'multiply' and 'refer' contradict each other: one of them "
		"is wanted\n"},
	    {"[earn a]\n\npoints = 1\n",
		"9:1 'points' wants the key 'per' beside it\n"},
	    {"[earn a]\nper = visit\n",
		"8:1 'per' wants the key 'points' beside it\n"},
	    {"[earn a]\nname = A\n",
		"7:0 this section lacks one of the keys 'points', 'multiply' "
		"and 'refer'\n"},
	    {"[earn a]\nmultiply = 2\nfirst = yes\never_times = 2\n",
		"10:1 'first' and 'ever_times' contradict each other: one of "
		"them is wanted\n"},
	};

	(void)state;
	ASSERT_FAULTS(faults);
}

static void refuses_a_referral_that_depends_on_a_sale(void **state)
{
	static const char *const lines[] = {"categories = a", "products = a",
	    "amount_min = 1", "shops = a", "weekdays = mon",
	    "hours = 10:00-11:00", "birthday = yes", "brought = yes",
	    "lapsed_days = 9", "chance = 9", "group = g",
	    "sale_points_max = 9"};
	char text[512];
	char words[128];

	(void)state;
	for (size_t index = 0; index < sizeof(lines) / sizeof(*lines);
	     index++) {
		(void)snprintf(text, sizeof(text),
		    GOOD "[earn a]\nrefer = 5\n%s\n", lines[index]);
		(void)snprintf(words, sizeof(words),
		    "line 9: 'refer' and '%.*s' contradict each other",
		    (int)strcspn(lines[index], " "), lines[index]);
		world_refuses(text, words);
	}
	programme_destroy(world_parse(
	    GOOD "[earn a]\nrefer = 5\nname = A\nfrom = 2026-01-01\n"
		 "until = 2026-12-31\ntiers = t\nsegments = s\n"
		 "day_points_max = 5\nmonth_points_max = 9\n"
		 "ever_points_max = 9\nbudget_points_max = 99\nday_times = 1\n"
		 "month_times = 2\nyear_times = 3\never_times = 4\n"
		 "[tier t]\nfrom = 1\n"));
}

static void refuses_a_reward_with_two_prices_or_none(void **state)
{
	static const struct fault faults[] = {
	    {"[reward a]\nname = A\n",
		"7:0 this section lacks the key 'points': a whole number from "
		"1 to 1000000000000 is wanted\n"},
	    {"[reward a]\nname = A\npoints = 1\nmoney_points = 1\n"
	     "money_amount = 1\n",
		"10:1 'points' and 'money_points' contradict each other: one "
		"of them is wanted\n"
		"11:1 'points' and 'money_amount' contradict each other: one "
		"of them is wanted\n"},
	    {"[reward a]\nname = A\nmoney_points = 1\n",
		"9:1 'money_points' wants the key 'money_amount' beside it\n"},
	    {"[reward a]\nname = A\nmoney_amount = 1\n",
		"9:1 'money_amount' wants the key 'money_points' beside it\n"},
	    {COFFEE "money_step = 5\n",
		"10:1 'money_step' wants the key 'money_points' beside it\n"},
	    {COFFEE "money_points_min = 5\n",
		"10:1 'money_points_min' wants the key 'money_points' beside "
		"it\n"},
	    {COFFEE "money_share_max = 5\n",
		"10:1 'money_share_max' wants the key 'money_points' beside "
		"it\n"},
	    {COFFEE "percent_off_max = 5\n",
		"10:1 'percent_off_max' wants the key 'percent_off' beside "
		"it\n"},
	    {COFFEE "percent_off = 5\namount_off = 5\n",
		"11:1 'amount_off' and 'percent_off' contradict each other: "
		"one of them is wanted\n"},
	    {"[reward a]\nname = A\nmoney_points = 1\nmoney_amount = 1\n"
	     "amount_off = 5\n",
		"11:1 'amount_off' and 'money_points' contradict each other: "
		"one of them is wanted\n"},
	    {"[reward a]\nname = A\nmoney_points = 1\nmoney_amount = 1\n"
	     "percent_off = 5\n",
		"11:1 'percent_off' and 'money_points' contradict each other: "
		"one of them is wanted\n"},
	};

	(void)state;
	ASSERT_FAULTS(faults);
}

static void refuses_times_that_end_before_they_start(void **state)
{
	static const struct fault faults[] = {
	    {FRESH "until = 2026-01-30\nfrom = 2026-01-31\n",
		"10:1 until: a day that is not before 'from' is wanted\n"},
	    {COFFEE "from = 2026-01-31\nuntil = 2026-01-30\n",
		"11:1 until: a day that is not before 'from' is wanted\n"},
	    {"[transfer]\npoints_min = 10\npoints_max = 9\n"
	     "month_points_max = 8\n",
		"9:1 points_max: no less than points_min is wanted\n"
		"10:1 month_points_max: no less than points_min is wanted\n"},
	};

	(void)state;
	ASSERT_FAULTS(faults);
	programme_destroy(
	    world_parse(GOOD FRESH "from = 2026-01-31\nuntil = 2026-01-31\n"));
}

static void refuses_tiers_that_do_not_rise_or_are_not_there(void **state)
{
	static const struct fault faults[] = {
	    {"[tier a]\nfrom = 10\n[tier b]\nname = B\nfrom = 10\n"
	     "[tier c]\nfrom = 9\n",
		"11:1 from: more than the 10 of the tier 'a' is wanted\n"
		"13:1 from: more than the 10 of the tier 'b' is wanted\n"},
	    {"[tier a]\nname = A\n",
		"7:0 this section lacks the key 'from': a whole number from 1 "
		"to 1000000000000 is wanted\n"},
	    {"[tiers]\nwindow = year\nwindow_days = 30\n[tier a]\nfrom = 1\n",
		"9:1 'window' and 'window_days' contradict each other: one of "
		"them is wanted\n"},
	    {"[tiers]\nwindow = year\n",
		"7:0 this section wants a section [tier ID] beside it\n"},
	    {COFFEE "tiers = gold\n", "10:9 there is no section [tier gold]\n"},
	};

	(void)state;
	ASSERT_FAULTS(faults);
}

static void refuses_a_base_rule_of_one_half(void **state)
{
	(void)state;
	world_refuses("[programme]\nname = N\ncurrency = EUR\n"
		      "sale_amount_max = 9\nearn_points = 1\n" FRESH,
	    "line 5: 'earn_points' wants the key 'earn_amount' beside it");
	world_refuses("[programme]\nname = N\ncurrency = EUR\n"
		      "sale_amount_max = 9\nearn_amount = 1\n" FRESH,
	    "line 5: 'earn_amount' wants the key 'earn_points' beside it");
}

static void refuses_sections_and_ids_that_come_twice(void **state)
{
	static const struct fault faults[] = {
	    {"[points]\n[points]\n", "8:1 the section [points] comes twice\n"},
	    {"[tier a]\nfrom = 1\n[tiers]\n[tiers]\n",
		"10:1 the section [tiers] comes twice\n"},
	    {"[transfer]\n[transfer]\n",
		"8:1 the section [transfer] comes twice\n"},
	    {"[goodwill]\n[goodwill]\n",
		"8:1 the section [goodwill] comes twice\n"},
	    {FRESH FRESH, "10:1 the rule 'fresh' comes twice\n"},
	    {"[tier a]\nfrom = 1\n[tier a]\nfrom = 2\n",
		"9:1 the tier 'a' comes twice\n"},
	};

	(void)state;
	ASSERT_FAULTS(faults);
	/* One id for things of three kinds. */
	programme_destroy(world_parse(GOOD FRESH
	    "[reward fresh]\nname = F\npoints = 1\n[tier fresh]\nfrom = 1\n"));
}

static void refuses_ids_that_would_share_a_counter(void **state)
{
	(void)state;
	assert_int_equal(programme_ident("earn", bytes_of_string("tqwcazfk")),
	    programme_ident("reward", bytes_of_string("qzsrmjuz")));
	world_refuses(GOOD "[earn tqwcazfk]\nmultiply = 2\n"
			   "[reward qzsrmjuz]\nname = N\npoints = 1\n",
	    "line 9: the id 'qzsrmjuz' is kept for another use: choose "
	    "another");
	world_refuses(GOOD "[reward qzsrmjuz]\nname = N\npoints = 1\n"
			   "[earn tqwcazfk]\nmultiply = 2\n",
	    "line 10: the id 'tqwcazfk' is kept for another use");
	world_refuses(GOOD "[reward mthapboc]\nname = N\npoints = 1\n"
			   "[reward fybzarqs]\nname = N\npoints = 1\n",
	    "line 10: the id 'fybzarqs' is kept for another use");
	/* What all earning, transfers and the base rule are counted by. */
	world_refuses(GOOD "[earn aadsx1xg]\n", "line 7: the id 'aadsx1xg' is");
	world_refuses(GOOD "[earn ab68e7wg]\n", "line 7: the id 'ab68e7wg' is");
	world_refuses(GOOD "[earn base]\n", "line 7: the id 'base' is kept");
	programme_destroy(world_parse(
	    GOOD "[reward base]\nname = Bass\npoints = 9\n[tier base]\n"
		 "from = 1\n"));
}

static void add(struct buffer *text, const char *more, size_t size)
{
	struct error err;

	assert_int_equal(
	    buffer_append(text, bytes_of(more, size), &err), RESULT_OK);
}

/* `before`, and `count` times `lines`, in which '#' is which time it is. */
static struct buffer repeated(
    const char *before, const char *lines, size_t count)
{
	struct buffer text = {0};

	add(&text, before, strlen(before));
	for (size_t index = 0; index < count; index++) {
		const char *left = lines;
		char number[24];

		(void)snprintf(number, sizeof(number), "%zu", index);
		while (left[0] != '\0') {
			size_t size = strcspn(left, "#");

			add(&text, left, size);
			if (left[size] == '#')
				add(&text, number, strlen(number));
			left = &left[size + (left[size] == '#')];
		}
	}
	return text;
}

static void assert_limit(
    const char *before, const char *lines, size_t most, const char *words)
{
	struct buffer text = repeated(before, lines, most);
	struct programme *programme;
	struct error err;

	if (programme_parse(buffer_view(&text), &programme, &err) != RESULT_OK)
		fail_msg("%s", err.text);
	programme_destroy(programme);
	buffer_finish(&text);
	text = repeated(before, lines, most + 1);
	world_refuses_as(buffer_view(&text), RESULT_LIMIT, words);
	buffer_finish(&text);
}

#define NO_BASE                                   \
	"[programme]\nname = N\ncurrency = EUR\n" \
	"sale_amount_max = 9.00\n"
static void holds_a_text_to_its_limits(void **state)
{
	(void)state;
	assert_limit(NO_BASE, "[earn r#]\npoints = 1\nper = visit\n", RULES_MAX,
	    "line 197: more than 64 rules");
	assert_limit(GOOD, "[earn r#]\npoints = 1\nper = visit\n",
	    RULES_MAX - 1, "line 4: more than 64 rules, this one among them");
	assert_limit(GOOD FRESH, "[earn r#]\nmultiply = 2\ngroup = g#\n",
	    RULE_GROUPS_MAX, "line 60: more than 16 groups");
	assert_limit(GOOD, "exclude_products = p#\n", NAMES_MAX,
	    "line 519: more than 512 names of categories, products, shops and "
	    "segments");
	assert_limit(GOOD FRESH "shops = a, b\n[earn m]\nmultiply = 2\n"
				"segments = s\n",
	    "categories = p#\n", NAMES_MAX - 3, "line 523: more than 512");
	assert_limit(GOOD "[tier a]\nfrom = 1\n"
			  "[tier b]\nfrom = 2\n[tier c]\nfrom = 3\n"
			  "[tier d]\nfrom = 4\n[tier e]\nfrom = 5\n"
			  "[tier f]\nfrom = 6\n[tier g]\nfrom = 7\n",
	    "[tier t#]\nfrom = 8\n", 1, "line 23: more than 8 tiers");
}

static void names_all_tiers_of_a_programme_that_has_as_many_as_it_may(
    void **state)
{
	struct programme *programme = world_parse(GOOD FRESH
	    "tiers = a, b, c, d, e, f, g, h\n"
	    "[tier a]\nfrom = 1\n"
	    "[tier b]\nfrom = 2\n[tier c]\nfrom = 3\n"
	    "[tier d]\nfrom = 4\n[tier e]\nfrom = 5\n"
	    "[tier f]\nfrom = 6\n[tier g]\nfrom = 7\n[tier h]\nfrom = 8\n");

	(void)state;
	assert_int_equal(programme->rules[1].tiers, 0x1fe);
	assert_int_equal(programme->tier_count, TIERS_MAX);
	programme_destroy(programme);
}

/* A text with every section and most keys. */
#define RICH                                                                  \
	GOOD "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"                       \
	     "exclude_categories = tobacco, gift-card\nsale_points_max = 500" \
	     "\nbirthday_days = 3\n"                                          \
	     "[points]\npending_days = 14\nexpire_months = 12\n"              \
	     "expire_end = year\n"                                            \
	     "[earn fresh]\nname = Fr\xc3\xbcit\npoints = 0.5\nper = 1.25\n"  \
	     "categories = fruit, vegetables\nproducts = 4011\n"              \
	     "weekdays = mon, tue\nhours = 14:00-16:00\nfrom = 2026-01-01\n"  \
	     "until = 2026-01-31\namount_min = 10.50\ngroup = g\n"            \
	     "[earn twice]\nmultiply = 1.5\ntiers = gold\nsegments = staff\n" \
	     "group = g\n[earn friend]\nrefer = 500\nyear_times = 3\n"        \
	     "[tiers]\nqualify = amount\nwindow_days = 365\n"                 \
	     "[tier silver]\nfrom = 5\n[tier gold]\nname = Gold\nfrom = 50\n" \
	     "[reward ten]\nname = Ten\npoints = 10\npercent_off = 10\n"      \
	     "percent_off_max = 20.50\ntiers = silver\nstock = 5\n"           \
	     "[reward cash]\nname = Cash\nmoney_points = 100\n"               \
	     "money_amount = 1.00\n[transfer]\npoints_min = 50\n"             \
	     "[goodwill]\ncashier_day_points = 50\n"

/* Each prefix stands in memory of just its size. */
static void reads_or_refuses_every_prefix_of_a_rich_text(void **state)
{
	static const char text[] = RICH;

	(void)state;
	programme_destroy(world_parse(text));
	for (size_t size = 0; size < strlen(text); size++) {
		uint8_t *copy = malloc(size + (size == 0));
		struct programme *programme = NULL;
		struct told told = {.count = 0};
		struct error err;
		enum result result;

		assert_non_null(copy);
		memcpy(copy, text, size);
		result = programme_check(
		    bytes_of(copy, size), world_hear, &told, &programme, &err);
		free(copy);
		assert_int_equal(result == RESULT_OK, programme != NULL);
		assert_int_equal(result == RESULT_OK, told.count == 0);
		programme_destroy(programme);
	}
}

/* One byte of it is another: read or refused, with as many faults told. */
static void reads_or_refuses_a_rich_text_with_any_byte_changed(void **state)
{
	static const char others[] = {'\n', '=', '[', ']', ',', ';', '0', 'x'};
	char text[] = RICH;

	(void)state;
	for (size_t place = 0; place < strlen(RICH); place++) {
		for (size_t other = 0; other < sizeof(others); other++) {
			struct programme *programme = NULL;
			struct told told = {.count = 0};
			struct error err;
			enum result result;

			text[place] = others[other];
			result = programme_check(bytes_of_string(text),
			    world_hear, &told, &programme, &err);
			assert_int_equal(result == RESULT_OK, told.count == 0);
			programme_destroy(programme);
		}
		text[place] = RICH[place];
	}
}

/* Byte for byte: the two are on the heap, of zeroes. */
static void means_the_same_in_every_locale(void **state)
{
	static const char *const locales[] = {
	    "C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "ar_SA.UTF-8", ""};
	struct programme *first = world_parse(RICH);

	(void)state;
	for (size_t index = 0; index < sizeof(locales) / sizeof(*locales);
	     index++) {
		struct programme *programme;

		(void)setlocale(LC_ALL, locales[index]);
		programme = world_parse(RICH);
		assert_memory_equal(programme, first, sizeof(*first));
		programme_destroy(programme);
	}
	(void)setlocale(LC_ALL, "C");
	programme_destroy(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_points_that_lapse_in_two_ways),
	    cmocka_unit_test(refuses_a_rule_that_gives_in_two_ways_or_in_none),
	    cmocka_unit_test(refuses_a_referral_that_depends_on_a_sale),
	    cmocka_unit_test(refuses_a_reward_with_two_prices_or_none),
	    cmocka_unit_test(refuses_times_that_end_before_they_start),
	    cmocka_unit_test(refuses_tiers_that_do_not_rise_or_are_not_there),
	    cmocka_unit_test(refuses_a_base_rule_of_one_half),
	    cmocka_unit_test(refuses_sections_and_ids_that_come_twice),
	    cmocka_unit_test(refuses_ids_that_would_share_a_counter),
	    cmocka_unit_test(holds_a_text_to_its_limits),
	    cmocka_unit_test(
		names_all_tiers_of_a_programme_that_has_as_many_as_it_may),
	    cmocka_unit_test(reads_or_refuses_every_prefix_of_a_rich_text),
	    cmocka_unit_test(
		reads_or_refuses_a_rich_text_with_any_byte_changed),
	    cmocka_unit_test(means_the_same_in_every_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
