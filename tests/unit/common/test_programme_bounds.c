/*
 * Every key of every section: which values it takes, which it refuses, and that
 * it comes once.
 */
#include "tests/unit/common/programme_world.h"

/* A value that is read at its bounds and refused beyond, or beside, them. */
struct bound {
	const char *before;
	const char *key;
	const char *good[4];
	const char *bad[8];
};

#define EARN "[earn a]\npoints = 1\nper = visit\n"
#define CASH                                       \
	"[reward c]\nname = C\nmoney_points = 1\n" \
	"money_amount = 1\n"
static const struct bound bounds[] = {
    {"", "offline_redeem_points_max", {"0", "1000000000000"},
	{"-1", "1000000000001", ""}},
    {"", "time_zone", {"UTC0", "<+03>-3"},
	{"Europe/Berlin", "UTC", "EST5EDT", ""}},
    {"", "exclude_categories",
	{"12345678901234567890123456789012", "caf\xc3\xa9, b=c, [d]"},
	{"123456789012345678901234567890123", "", ",", "a,", ",a", "a,,b",
	    "a\x7f"}},
    {"", "sale_points_max", {"1", "1000000000000"}, {"0", "1.5"}},
    {"", "day_points_max", {"1"}, {"0"}},
    {"", "month_points_max", {"1"}, {"0"}},
    {"", "day_sales_max", {"1", "1000000"}, {"0", "1000001"}},
    {"", "late_days_max", {"0", "366"}, {"367"}},
    {"", "claim_days", {"0", "36500"}, {"36501"}},
    {"", "birthday_days", {"0", "182"}, {"183"}},
    {"[points]\n", "pending_days", {"0", "36500"}, {"36501", "x"}},
    {"[points]\n", "expire_months", {"1", "1200"}, {"0", "1201"}},
    {"[points]\n", "expire_end", {"month", "quarter", "year"},
	{"day", "Year", "", "years"}},
    {"[points]\n", "expire_date", {"1970-01-01", "9999-12-31"},
	{"2026-02-29", "31.12.2026", "", "1969-12-31"}},
    {"[points]\n", "expire_inactive_days", {"1", "36500"}, {"0", "36501"}},
    {"[points]\n", "warn_days", {"0", "36500"}, {"36501"}},
    {"[points]\n", "debt", {"yes", "no"}, {"", "Yes", "true", "1"}},
    {"[earn a]\nper = visit\n", "points",
	{"0.001", "1000000000000", "1000000000000.000", "1.5"},
	{"0", "0.0001", "1000000000000.001", "1.", ".5", "-1", "1,5", ""}},
    {"[earn a]\npoints = 1\n", "per",
	{"0.01", "1000000000.00", "item", "visit"},
	{"0", "items", "", "1000000000.01", "1.005"}},
    {"[earn a]\n", "multiply", {"1.001", "100", "1.5"},
	{"1", "1.000", "0.5", "100.001", "1.0001", "", "x2", "2x"}},
    {"[earn a]\n", "refer", {"1", "1000000000000"}, {"0", "0.5", ""}},
    {EARN, "name", {"A b"}, {""}},
    {EARN, "categories", {"a", "a,b"}, {"", "a,"}},
    {EARN, "products", {"4011"}, {""}},
    {EARN, "shops", {"north-1"}, {"North", "", "a,,b", "a b"}},
    {EARN, "segments", {"b2b"}, {"B2B", "", "\xc3\xa9"}},
    {EARN, "weekdays", {"mon,tue,wed,thu,fri,sat,sun"},
	{"", "Mon", "monday", "mon-fri", "mon,", "1"}},
    {EARN, "hours", {"00:00-24:00", "22:00-02:00", "23:59-00:00"},
	{"14-16", "14:00", "14:00-24:01", "14:60-15:00", "1:00-2:00",
	    "14:00 - 16:00", "aa:00-16:00", "99:00-16:00"}},
    {EARN, "from", {"2026-01-01"}, {"2026-1-1", ""}},
    {EARN, "until", {"2028-02-29"}, {"2027-02-29", ""}},
    {EARN, "amount_min", {"0.01", "1000000000.00"}, {"0", ""}},
    {EARN, "birthday", {"yes", "no"}, {"y"}},
    {EARN, "brought", {"yes", "no"}, {"y"}},
    {EARN, "lapsed_days", {"1", "36500"}, {"0", "36501"}},
    {EARN, "first", {"yes", "no"}, {"1"}},
    {EARN, "chance", {"2", "1000000"}, {"0", "1", "1000001"}},
    {EARN, "group", {"happy"}, {"", "Happy", "a, b"}},
    {EARN, "sale_points_max", {"1"}, {"0"}},
    {EARN, "day_points_max", {"1"}, {"0"}},
    {EARN, "month_points_max", {"1"}, {"0"}},
    {EARN, "ever_points_max", {"1"}, {"0"}},
    {EARN, "budget_points_max", {"1", "1000000000000"}, {"0"}},
    {EARN, "day_times", {"1", "1000000"}, {"0", "1000001"}},
    {EARN, "month_times", {"1"}, {"0"}},
    {EARN, "year_times", {"1"}, {"0"}},
    {EARN, "ever_times", {"1"}, {"0"}},
    {"[tier a]\nfrom = 1\n[tiers]\n", "qualify", {"points", "amount", "visits"},
	{"", "visit"}},
    {"[tier a]\nfrom = 1\n[tiers]\n", "window", {"year", "anniversary"},
	{"", "rolling"}},
    {"[tier a]\nfrom = 1\n[tiers]\n", "window_days", {"1", "4096"},
	{"0", "4097"}},
    {"[tier a]\nfrom = 1\n[tiers]\n", "downgrade", {"one", "all"}, {"two"}},
    {"[tier a]\nfrom = 1\n[tiers]\n", "grace_days", {"0", "36500"}, {"36501"}},
    {"[tier a]\n", "from", {"1", "1000000000000"}, {"0", "", "1.00"}},
    {"[tier a]\nfrom = 1\n", "name", {"A"}, {""}},
    {COFFEE, "amount_off", {"0.01"}, {"0", ""}},
    {COFFEE, "percent_off", {"1", "100"}, {"0", "101", "10%"}},
    {COFFEE "percent_off = 1\n", "percent_off_max", {"0.01"}, {"0"}},
    {CASH, "money_step", {"1", "1000000000000"}, {"0"}},
    {CASH, "money_points_min", {"1"}, {"0"}},
    {CASH, "money_share_max", {"1", "100"}, {"0", "101"}},
    {COFFEE, "stock", {"0", "1000000000000"}, {"-1", ""}},
    {COFFEE, "day_times", {"1"}, {"0"}},
    {COFFEE, "month_times", {"1"}, {"0"}},
    {COFFEE, "year_times", {"1"}, {"0"}},
    {COFFEE, "ever_times", {"1"}, {"0"}},
    {COFFEE, "from", {"2026-01-01"}, {"now"}},
    {COFFEE, "until", {"2026-01-01"}, {"never"}},
    {COFFEE, "cost", {"0", "0.00", "1.20"}, {"", "-1"}},
    {COFFEE, "hold_minutes", {"1", "10080"}, {"0", "10081"}},
    {"[transfer]\n", "points_min", {"1"}, {"0"}},
    {"[transfer]\n", "points_max", {"1"}, {"0"}},
    {"[transfer]\n", "month_points_max", {"1"}, {"0"}},
    {"[goodwill]\n", "cashier_day_points", {"0", "1000000000000"}, {"x"}},
    {"[goodwill]\n", "supervisor_day_points", {"0"}, {"1000000000001"}},
    {"[goodwill]\n", "second_day_points", {"0"}, {""}},
};

static void holds_each_key_to_its_bounds(void **state)
{
	char text[1024];
	char words[64];

	(void)state;
	for (size_t row = 0; row < sizeof(bounds) / sizeof(*bounds); row++) {
		const struct bound *bound = &bounds[row];

		for (size_t index = 0; index < 4 && bound->good[index];
		     index++) {
			(void)snprintf(text, sizeof(text), GOOD "%s%s = %s\n",
			    bound->before, bound->key, bound->good[index]);
			programme_destroy(world_parse(text));
		}
		for (size_t index = 0; index < 8 && bound->bad[index];
		     index++) {
			(void)snprintf(text, sizeof(text), GOOD "%s%s = %s\n",
			    bound->before, bound->key, bound->bad[index]);
			(void)snprintf(
			    words, sizeof(words), "%s: ", bound->key);
			world_refuses(text, words);
		}
	}
}

static void refuses_each_key_twice_but_for_lists_that_may_go_on(void **state)
{
	char text[1024];
	char words[64];

	(void)state;
	for (size_t row = 0; row < sizeof(bounds) / sizeof(*bounds); row++) {
		const struct bound *bound = &bounds[row];

		(void)snprintf(words, sizeof(words), "the key '%s' comes twice",
		    bound->key);
		(void)snprintf(text, sizeof(text), GOOD "%s%s = %s\n%s = %s\n",
		    bound->before, bound->key, bound->good[0], bound->key,
		    bound->good[0]);
		if (strncmp(bound->key, "exclude_", 8) == 0 ||
		    strcmp(bound->key, "categories") == 0 ||
		    strcmp(bound->key, "products") == 0 ||
		    strcmp(bound->key, "shops") == 0 ||
		    strcmp(bound->key, "segments") == 0)
			(void)snprintf(words, sizeof(words), "comes twice");
		world_refuses(text, words);
	}
}

static void shows_the_item_of_a_list_that_is_wrong(void **state)
{
	(void)state;
	world_tells(GOOD "exclude_categories = a,  b\xc3\xa9, a\n"
			 "exclude_categories = , c ,c\n"
			 "[earn x]\npoints = 1\nper = item\n"
			 "weekdays = mon,  tuesday,mon\n"
			 "tiers = gold, silver, Gold, gold\n"
			 "shops = a, B\n"
			 "[tier gold]\nfrom = 1\n",
	    "7:31 'a' comes twice\n"
	    "8:22 exclude_categories: a name of 1 to 32 bytes, or several with "
	    "',' between them, is wanted, not ''\n"
	    "8:27 'c' comes twice\n"
	    "12:18 weekdays: one of mon, tue, wed, thu, fri, sat and sun, or "
	    "several, is wanted, not 'tuesday'\n"
	    "12:26 'mon' comes twice\n"
	    "13:15 there is no section [tier silver]\n"
	    "13:23 tiers: an id of a-z, 0-9, '_' and '-', or several with ',' "
	    "between them, is wanted, not 'Gold'\n"
	    "13:29 'gold' comes twice\n"
	    "14:12 shops: an id of a-z, 0-9, '_' and '-', or several with ',' "
	    "between them, is wanted, not 'B'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holds_each_key_to_its_bounds),
	    cmocka_unit_test(
		refuses_each_key_twice_but_for_lists_that_may_go_on),
	    cmocka_unit_test(shows_the_item_of_a_list_that_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
