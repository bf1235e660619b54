/*
 * history_run: histories under programmes that between them have every rule.
 */
#ifndef TESTS_UNIT_COMMON_HISTORY_RUN_H
#define TESTS_UNIT_COMMON_HISTORY_RUN_H

#include "tests/unit/common/history_steps.h"

#define REWARDS                                                           \
	"[reward tea]\nname = Tea\npoints = 25\n"                         \
	"[reward mug]\nname = Mug\npoints = 40\nstock = 9\n"              \
	"day_times = 1\nmonth_times = 3\n"                                \
	"[reward five]\nname = 5 off\npoints = 50\namount_off = 5.00\n"   \
	"[reward tenth]\nname = A tenth\npoints = 10\npercent_off = 10\n" \
	"percent_off_max = 2.00\n"                                        \
	"[reward cash]\nname = Cash\nmoney_points = 1\n"                  \
	"money_amount = 0.01\nmoney_step = 10\n"                          \
	"[transfer]\nmonth_points_max = 300\n"                            \
	"[goodwill]\ncashier_day_points = 60\n"                           \
	"supervisor_day_points = 200\nsecond_day_points = 400\n"
#define GALA "[reward gala]\nname = Gala\npoints = 5\ntiers = gold\n"
#define HEAD                                                       \
	"[programme]\nname = N\ncurrency = EUR\nearn_points = 1\n" \
	"earn_amount = 1.00\nsale_amount_max = 150.00\n"

static const char plain[] = HEAD REWARDS;

static const char grocer[] =
    HEAD "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
	 "exclude_categories = deposit\nclaim_days = 5\nlate_days_max = 3\n"
	 "day_points_max = 400\n"
	 "[points]\npending_days = 3\nexpire_months = 2\nwarn_days = 7\n"
	 "[earn fruit]\nname = Fruit\npoints = 0.5\nper = 1.00\n"
	 "categories = fruit\nday_points_max = 20\n"
	 "[earn wine]\nname = Wine\npoints = 3\nper = item\n"
	 "categories = wine\ngroup = drinks\n"
	 "[earn cellar]\nname = Cellar\npoints = 0.2\nper = 1.00\n"
	 "categories = wine\ngroup = drinks\n"
	 "[earn north]\nname = North\nmultiply = 1.5\nshops = north\n"
	 "[earn welcome]\nname = Welcome\npoints = 30\nper = visit\n"
	 "first = yes\namount_min = 20.00\n" REWARDS;

static const char tiers[] =
    HEAD "time_zone = <+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45\n"
	 "claim_days = 2\n"
	 "[points]\nexpire_end = quarter\nwarn_days = 20\n"
	 "[tiers]\nqualify = points\nwindow_days = 60\ndowngrade = one\n"
	 "grace_days = 5\n"
	 "[tier silver]\nname = Silver\nfrom = 150\n"
	 "[tier gold]\nname = Gold\nfrom = 400\n"
	 "[earn more]\nname = More\nmultiply = 2\ntiers = silver, gold\n"
	 "sale_points_max = 40\n"
	 "[earn bring]\nname = Bring\nrefer = 50\n"
	 "[earn luck]\nname = Luck\npoints = 100\nper = visit\nchance = 5\n"
	 "budget_points_max = 1500\n"
	 "[earn back]\nname = Back\npoints = 40\nper = visit\n"
	 "lapsed_days = 10\nmonth_times = 1\n" REWARDS GALA;

static const char visits[] =
    HEAD "time_zone = EST5EDT,M3.2.0,M11.1.0\nday_sales_max = 3\n"
	 "birthday_days = 3\nclaim_days = 9\n"
	 "[points]\nexpire_inactive_days = 20\nwarn_days = 5\n"
	 "[tiers]\nqualify = visits\nwindow = anniversary\ndowngrade = all\n"
	 "[tier silver]\nname = Silver\nfrom = 4\n"
	 "[tier gold]\nname = Gold\nfrom = 9\n"
	 "[earn day]\nname = Birthday\npoints = 25\nper = visit\n"
	 "birthday = yes\nyear_times = 1\n"
	 "[earn staff]\nname = Staff\nmultiply = 3\nsegments = staff\n"
	 "[earn hour]\nname = Hour\npoints = 7\nper = visit\n"
	 "hours = 22:00-06:00\nweekdays = sat, sun\n" REWARDS GALA;

static const char no_debt[] =
    HEAD "sale_points_max = 60\n"
	 "[points]\ndebt = no\npending_days = 1\nexpire_end = month\n"
	 "[tiers]\nqualify = amount\n"
	 "[tier gold]\nname = Gold\nfrom = 300\n"
	 "[earn gold]\nname = Gold\nmultiply = 2\ntiers = gold\n" REWARDS GALA;

static const char *const all_rules[] = {plain, grocer, tiers, visits, no_debt};
static const char *const debt_rules[] = {plain, grocer, tiers, visits};

/* --- running ----------------------------------------------------------------
 */

/* A further thing to look at after every step. */
typedef void look_fn(struct history *history);

struct plan {
	const char *const *rules;
	size_t rules_count;
	look_fn *look; /* or NULL */
};

__attribute__((unused)) static const struct plan all_plan = {
    all_rules, 5, NULL};
__attribute__((unused)) static const struct plan debt_plan = {
    debt_rules, 4, NULL};

static inline void open_history(
    struct history *history, const struct plan *plan, uint64_t first)
{
	memset(history, 0, sizeof(*history));
	history->rules = plan->rules;
	history->rules_count = plan->rules_count;
	history->world =
	    world_open_with(1, plan->rules[first % plan->rules_count]);
	history->world->now_ms += first % 400 * DAY_MS;
	(void)world_terminal(history->world, 3, ROLE_TERMINAL, STANDING_ACTIVE);
	for (uint64_t member = 2; member <= 3; member++)
		(void)world_enrol(history->world, 1, MEMBER(member));
}

static inline void close_history(struct history *history)
{
	world_close(history->world);
	free(history);
}

/* Up to the first fault. `*ret_taken` is how many steps there were. */
static inline struct history *run(const struct plan *plan, uint64_t first,
    const struct history_steps *steps, size_t *ret_taken)
{
	struct history *history = malloc(sizeof(*history));
	size_t taken = 0;

	assert_non_null(history);
	open_history(history, plan, first);
	while (taken < steps->count && history->fault[0] == '\0') {
		history_step(history, steps->steps[taken++]);
		if (plan->look != NULL)
			plan->look(history);
	}
	if (ret_taken != NULL)
		*ret_taken = taken;
	return history;
}

static inline struct history_steps *steps_of(uint64_t seed, size_t count)
{
	struct history_steps *steps = malloc(sizeof(*steps));

	assert_non_null(steps);
	assert_true(count <= HISTORY_STEPS_MAX);
	steps->count = count;
	for (size_t at = 0; at < count; at++)
		steps->steps[at] = seed * 0x100000001b3ull + at * 0x9e3779b1ull;
	return steps;
}

#endif
