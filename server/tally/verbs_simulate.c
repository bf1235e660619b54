/*
 * verbs_simulate: sales that were under other rules, and what would have come
 * of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "server/simulate.h"
#include "server/tally/call.h"
#include "server/tally/file_map.h"
#include "server/tally/format.h"
#include "server/tally/progress.h"
#include "server/tally/rules_file.h"
#include "server/tally/simulation_say.h"
#include "server/tally/verbs.h"
#include "server/tally/version.h"
#include "server/wake.h"

#define FIELD_SIZE 16u

/* All that one simulation needs, and what came of it. */
struct simulating_verb {
	const struct asked *asked;
	struct page *page;
	struct rules_file rules;
	struct buffer other; /* the text to compare with; empty: none */
	char other_name[96];
	struct sales *sales;
	struct simulation after;
	struct simulation before;
	struct simulate_options options;
	struct progress progress;
	char fields[OPTIONS_MAX][FIELD_SIZE];
	struct sales_as as[OPTIONS_MAX];
	size_t as_count;
	uint64_t read_us;
	uint64_t simulated_us;
};

/* --- what was asked ------------------------------------------------------- */

/* "customer=CLIENT_NO". */
static bool read_as(struct simulating_verb *verb, const char *given)
{
	const char *equals = strchr(given, '=');
	char *field = verb->fields[verb->as_count];

	if (equals == NULL || (size_t)(equals - given) >= FIELD_SIZE) {
		page_fail(verb->page, "usage",
		    "--as is FIELD=COLUMN such as customer=CLIENT_NO, not "
		    "'%.60s'",
		    given);
		return false;
	}
	memcpy(field, given, (size_t)(equals - given));
	field[equals - given] = '\0';
	verb->as[verb->as_count++] = (struct sales_as){field, &equals[1]};
	return true;
}

/* "0.008" of a currency is 800,000 millionths of a minor unit. */
static bool read_value(struct simulating_verb *verb, const char *text)
{
	uint64_t scale = 100ull * VALUE_MICRO;
	uint64_t micro = 0;
	bool has_point = false;
	size_t i;

	for (i = 0; text[i] != '\0' && scale != 0 && micro < UINT32_MAX; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (text[i] == '.' && !has_point && i != 0) {
			has_point = true;
			continue;
		}
		if (digit > 9)
			break;
		if (has_point)
			scale /= 10;
		micro = has_point ? micro + digit * scale
				  : micro * 10 + digit * scale;
	}
	if (text[i] == '\0' && micro != 0) {
		verb->options.point_value_micro = micro;
		return true;
	}
	page_fail(verb->page, "usage",
	    "--point-value is an amount such as 0.008, not '%.40s'", text);
	return false;
}

static bool read_options(struct simulating_verb *verb)
{
	const struct asked *asked = verb->asked;
	const char *value = asked_option(asked, "--point-value");

	if (asked_option(asked, "--sales") == NULL) {
		page_fail(verb->page, "usage",
		    "programme simulate wants --sales CSV (see: tally help "
		    "programme simulate)");
		return false;
	}
	verb->options.redeem = asked_option(asked, "--redeem") != NULL;
	for (size_t i = 0; i < asked->option_count; i++)
		if (strcmp(asked->options[i].name, "--as") == 0 &&
		    !read_as(verb, asked->options[i].value))
			return false;
	return value == NULL || read_value(verb, value);
}

/* --- the other programme -------------------------------------------------- */

static int read_against(struct simulating_verb *verb, const char *path)
{
	struct rules_file file;
	int code = rules_file_read(&file, verb->page, path);

	if (code == EXIT_FINE) {
		verb->other = file.text;
		file.text = (struct buffer){0};
		(void)snprintf(
		    verb->other_name, sizeof(verb->other_name), "%.60s", path);
	}
	rules_file_finish(&file);
	return code;
}

static enum result copy_version(
    struct simulating_verb *verb, struct store *store, struct error *err)
{
	struct version version;
	enum result result = version_at(store, 0, &version, err);

	if (result != RESULT_OK)
		return result;
	result = buffer_append(&verb->other, version.text, err);
	(void)snprintf(verb->other_name, sizeof(verb->other_name),
	    "the rules in force (entry %" PRIu64 ")", version.sequence);
	buffer_finish(&version.record);
	return result;
}

/* The shop's own rules; where nobody named a shop and none is here, there is
 * nothing to compare with. */
static int read_shop(struct simulating_verb *verb)
{
	const char *shop = verb_shop(verb->asked);
	struct store *store;
	struct error error;
	enum result result = call_open_ledger(shop, &store, &error);

	if (result == RESULT_NOT_FOUND && strcmp(shop, ".") == 0)
		return EXIT_FINE;
	if (result == RESULT_OK) {
		result = copy_version(verb, store, &error);
		store_close(store);
	}
	if (result == RESULT_OK)
		return EXIT_FINE;
	return page_fail(verb->page, result_name(result), "%s", error.text);
}

static int read_other(struct simulating_verb *verb)
{
	const char *against = asked_option(verb->asked, "--against");

	return against != NULL ? read_against(verb, against) : read_shop(verb);
}

/* --- running -------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done, uint64_t total)
{
	progress_draw(context, done, total);
}

static enum result read_sales(
    struct simulating_verb *verb, struct bytes csv, struct error *err)
{
	struct sales_options options = {.as = verb->as,
	    .as_count = verb->as_count,
	    .progress = show_progress,
	    .context = &verb->progress};

	progress_init(&verb->progress, "bytes");
	return sales_read(csv, &options, &verb->sales, err);
}

static enum result run_after(struct simulating_verb *verb, struct error *err)
{
	struct simulate_options options = verb->options;

	progress_init(&verb->progress, "sales");
	options.progress = show_progress;
	options.context = &verb->progress;
	return simulate(buffer_view(&verb->rules.text), verb->sales, &options,
	    &verb->after, err);
}

/* The rules to compare with, on a thread of their own. */
struct beside {
	struct simulating_verb *verb;
	enum result result;
	struct error error;
};

static void *run_before(void *argument)
{
	struct beside *beside = argument;
	struct simulating_verb *verb = beside->verb;

	beside->result = simulate(buffer_view(&verb->other), verb->sales,
	    &verb->options, &verb->before, &beside->error);
	return NULL;
}

static enum result run_both(struct simulating_verb *verb, struct error *err)
{
	struct beside beside = {.verb = verb};
	pthread_t thread;
	enum result result;

	if (verb->other.size == 0)
		return run_after(verb, err);
	result = thread_start(&thread, run_before, &beside, err);
	if (result != RESULT_OK)
		return result;
	result = run_after(verb, err);
	(void)pthread_join(thread, NULL);
	if (result == RESULT_OK && beside.result != RESULT_OK) {
		*err = beside.error;
		result = beside.result;
	}
	return result;
}

static int run_all(struct simulating_verb *verb, struct bytes csv)
{
	uint64_t start_us = clock_monotonic_us();
	struct error error;
	enum result result = read_sales(verb, csv, &error);

	verb->read_us = clock_monotonic_us() - start_us;
	if (result == RESULT_OK)
		result = run_both(verb, &error);
	verb->simulated_us = clock_monotonic_us() - start_us - verb->read_us;
	progress_clear(&verb->progress);
	if (result == RESULT_OK)
		return EXIT_FINE;
	return page_fail(verb->page, result_name(result), "%s", error.text);
}

/* --- who gains and who loses ---------------------------------------------- */

static void put_change(
    struct page *page, bool is_worth, uint64_t before, uint64_t after)
{
	int64_t change = (int64_t)after - (int64_t)before;

	if (is_worth) {
		page_cell_money(page, (int64_t)before);
		page_cell_money(page, (int64_t)after);
		page_cell_money(page, change);
	} else {
		page_cell_count(page, (int64_t)before);
		page_cell_count(page, (int64_t)after);
		page_cell_count(page, change);
	}
}

static void put_group(struct page *page, const char *name, bool is_worth,
    const struct simulated_group *group)
{
	page_cell_text(page, name);
	page_cell_count(page, (int64_t)group->members);
	page_cell_amount(page, group->amount_minor);
	put_change(page, is_worth, group->before, group->after);
	page_cell_count(page, (int64_t)group->more);
	page_cell_count(page, (int64_t)group->less);
}

static void put_groups(
    struct page *page, const struct simulate_comparison *comparison)
{
	static const struct column columns[] = {
	    {"who", "Members by sales", false, true},
	    {"members", "Members", true}, {"amount", "Sales", true},
	    {"before", "Before", true}, {"after", "After", true},
	    {"change", "Change", true}, {"more", "More", true},
	    {"less", "Less", true}};
	char name[FORMAT_SIZE];

	page_table(page, "groups", columns, 8);
	for (size_t i = 0; i < SIMULATE_GROUPS; i++) {
		(void)snprintf(name, sizeof(name), "%s%zu0 %%",
		    i == 0 ? "top " : "to ", i + 1);
		put_group(
		    page, name, comparison->is_worth, &comparison->groups[i]);
	}
	put_group(page, "all", comparison->is_worth, &comparison->all);
	page_table_end(page, NULL);
}

static void say_comparison(struct page *page, const char *other_name,
    const struct simulate_comparison *comparison)
{
	const struct simulated_group *all = &comparison->all;
	char more[FORMAT_SIZE];
	char less[FORMAT_SIZE];
	char same[FORMAT_SIZE];

	format_count((int64_t)all->more, more);
	format_count((int64_t)all->less, less);
	format_count((int64_t)(all->members - all->more - all->less), same);
	page_say(page, "Against %s, in %s:", other_name,
	    comparison->is_worth ? "what points cost" : "points");
	page_say(page, "%s members get more, %s less, %s the same.", more, less,
	    same);
}

static int put_comparison(struct simulating_verb *verb)
{
	struct page *page = verb->page;
	struct simulate_comparison comparison;
	struct error error;
	enum result result = simulate_compare(
	    verb->sales, &verb->before, &verb->after, &comparison, &error);
	const struct simulated_group *all = &comparison.all;

	if (result != RESULT_OK)
		return page_fail(page, result_name(result), "%s", error.text);
	page_text(page, "against", NULL, verb->other_name);
	page_text(page, "in", NULL, comparison.is_worth ? "amounts" : "points");
	page_count(page, "more", NULL, (int64_t)all->more);
	page_count(page, "less", NULL, (int64_t)all->less);
	page_say(page, "%s", "");
	say_comparison(page, verb->other_name, &comparison);
	put_groups(page, &comparison);
	return EXIT_FINE;
}

static void put_rate(struct simulating_verb *verb)
{
	uint64_t took_us = verb->read_us + verb->simulated_us;
	uint64_t rounds = verb->other.size != 0 ? 2 : 1;
	uint64_t rate = took_us == 0 ? 0
				     : (uint64_t)((double)verb->sales->count *
						  1e6 / (double)took_us);

	page_count(verb->page, "rounds", NULL, (int64_t)rounds);
	page_count(
	    verb->page, "read_ms", NULL, (int64_t)(verb->read_us / 1000));
	page_count(verb->page, "took_ms", NULL, (int64_t)(took_us / 1000));
	page_count(verb->page, "sales_s", NULL, (int64_t)rate);
}

static int put_all(struct simulating_verb *verb)
{
	struct page *page = verb->page;

	simulation_say(page, &verb->after);
	put_rate(verb);
	if (verb->other.size == 0) {
		page_say(page,
		    "Nothing to compare with: name a shop with -s, or rules "
		    "with --against FILE.");
		return EXIT_FINE;
	}
	return put_comparison(verb);
}

/* --- all of it ------------------------------------------------------------ */

static int simulate_file(struct simulating_verb *verb)
{
	const char *path = asked_option(verb->asked, "--sales");
	struct file_map map;
	struct error error;
	enum result result = file_map_open(path, &map, &error);
	int code;

	if (result != RESULT_OK)
		return page_fail(
		    verb->page, result_name(result), "%s", error.text);
	code = run_all(verb, map.bytes);
	if (code == EXIT_FINE)
		code = put_all(verb);
	sales_destroy(verb->sales);
	simulation_finish(&verb->after);
	simulation_finish(&verb->before);
	file_map_close(&map);
	return code;
}

int run_programme_simulate(const struct asked *asked, struct page *page)
{
	struct simulating_verb verb = {.asked = asked, .page = page};
	int code;

	if (!read_options(&verb))
		return EXIT_FAILED;
	code = rules_file_read(&verb.rules, page, asked->positionals[0]);
	if (code == EXIT_FINE)
		code = read_other(&verb);
	if (code == EXIT_FINE)
		code = simulate_file(&verb);
	rules_file_finish(&verb.rules);
	buffer_finish(&verb.other);
	return code;
}
