/*
 * Names, idents and stamps: numbers that old ledgers are judged by, and so are
 * never to change.
 */
#include "tests/support/check.h"

#include <stdlib.h>

#include "common/ledger/lists.h"
#include "tests/unit/common/programme_world.h"

static uint64_t name_of(const char *text)
{
	return programme_name(bytes_of_string(text));
}

static uint32_t ident_of(const char *kind, const char *id)
{
	return programme_ident(kind, bytes_of_string(id));
}

/* Values of FNV-1a as its authors publish them, and of ours. */
static void hashes_names_as_ever(void **state)
{
	(void)state;
	assert_true(name_of("") == 0xcbf29ce484222325u);
	assert_true(name_of("a") == 0xaf63dc4c8601ec8cu);
	assert_true(name_of("foobar") == 0x85944171f73967e8u);
	assert_true(name_of("fruit") == 0x6fc46855ecdfe5b1u);
}

static void makes_idents_of_a_kind_and_an_id_as_ever(void **state)
{
	(void)state;
	assert_int_equal(ident_of("all", ""), 0x07b677ec);
	assert_int_equal(ident_of("transfer", ""), 0x3e27f252);
	assert_int_equal(ident_of("earn", "base"), 0xc7b9fc58);
	assert_int_equal(ident_of("earn", "fresh"), 0x34b2b3af);
	assert_int_equal(ident_of("reward", "coffee"), 0xfec15d62);
}

static void finds_a_name_in_its_own_list_alone(void **state)
{
	enum { NAMES = 200 };
	struct programme *programme = calloc(1, sizeof(*programme));
	struct programme_names empty = {NAMES, 0};

	(void)state;
	assert_non_null(programme);
	for (size_t index = 0; index < NAMES; index++)
		programme->names[index] = index * 3 + 1;
	for (uint16_t count = 0; count < 70; count++) {
		struct programme_names names = {100, count};

		for (uint64_t name = 0; name < 3 * NAMES; name++)
			assert_int_equal(
			    programme_names_have(programme, names, name),
			    name % 3 == 1 && name / 3 >= 100 &&
				name / 3 < 100u + count);
	}
	assert_false(programme_names_have(programme, empty, 1));
	free(programme);
}

struct stamp {
	const char *points; /* keys of [points] */
	const char *earned;
	const char *active; /* NULL: at once */
	const char *expiry; /* NULL: never */
};

static const struct stamp stamps[] = {
    {"", "2026-01-31", NULL, NULL},
    {"pending_days = 14\n", "2026-02-20", "2026-03-06", NULL},
    {"expire_months = 1\n", "2026-01-31", NULL, "2026-02-28"},
    {"expire_months = 1\n", "2028-01-31", NULL, "2028-02-29"},
    {"expire_months = 12\n", "2028-02-29", NULL, "2029-02-28"},
    {"expire_months = 12\nexpire_end = month\n", "2026-02-03", NULL,
	"2027-02-28"},
    {"expire_months = 12\nexpire_end = quarter\n", "2026-04-01", NULL,
	"2027-06-30"},
    {"expire_months = 12\nexpire_end = year\n", "2026-01-01", NULL,
	"2027-12-31"},
    {"expire_end = month\n", "2026-02-28", NULL, "2026-02-28"},
    {"expire_end = month\n", "2026-03-01", NULL, "2026-03-31"},
    {"expire_end = quarter\n", "2026-05-15", NULL, "2026-06-30"},
    {"expire_end = year\n", "2026-05-15", NULL, "2026-12-31"},
    {"expire_date = 2027-12-31\n", "2026-05-15", NULL, "2027-12-31"},
    {"expire_date = 2027-12-31\n", "2028-05-15", NULL, "2027-12-31"},
    /* Months and ends are counted from when they become active. */
    {"pending_days = 14\nexpire_months = 1\n", "2026-01-17", "2026-01-31",
	"2026-02-28"},
    {"pending_days = 1\nexpire_end = year\n", "2026-12-31", "2027-01-01",
	"2027-12-31"},
};

static void stamps_points_when_they_are_earned(void **state)
{
	char text[512];

	(void)state;
	for (size_t row = 0; row < sizeof(stamps) / sizeof(*stamps); row++) {
		const struct stamp *stamp = &stamps[row];
		struct programme *programme;
		int32_t active_day = -7;
		int32_t expiry_day = -7;

		(void)snprintf(
		    text, sizeof(text), GOOD "[points]\n%s", stamp->points);
		programme = world_parse(text);
		programme_stamps(programme, world_day(stamp->earned),
		    &active_day, &expiry_day);
		assert_int_equal(active_day,
		    stamp->active == NULL ? 0 : world_day(stamp->active));
		assert_int_equal(expiry_day, stamp->expiry == NULL
						 ? LOT_NEVER
						 : world_day(stamp->expiry));
		programme_destroy(programme);
	}
}

static void stamps_points_that_lapse_without_activity(void **state)
{
	struct programme *programme = world_parse(
	    GOOD "[points]\npending_days = 3\nexpire_inactive_days = 365\n");
	int32_t active_day;
	int32_t expiry_day;

	(void)state;
	programme_stamps(programme, 20000, &active_day, &expiry_day);
	assert_int_equal(active_day, 20003);
	assert_int_equal(expiry_day, -365);
	programme_destroy(programme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hashes_names_as_ever),
	    cmocka_unit_test(makes_idents_of_a_kind_and_an_id_as_ever),
	    cmocka_unit_test(finds_a_name_in_its_own_list_alone),
	    cmocka_unit_test(stamps_points_when_they_are_earned),
	    cmocka_unit_test(stamps_points_that_lapse_without_activity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
