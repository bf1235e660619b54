/*
 * rules_file: owns what is said of a file that holds a programme.
 */
#include "server/tally/rules_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "proto/file.h"
#include "server/tally/format.h"
#include "server/tally/rules_text.h"
#include "server/tally/zone_hint.h"

/* --- faults --------------------------------------------------------------- */

/* A zone's name where its rule is wanted: the rule that it stands for today. */
static bool find_zone(const struct rules_file *file,
    const struct programme_fault *fault, struct bytes *ret_name,
    char ret_rule[ZONE_SIZE_MAX + 1])
{
	struct bytes line =
	    rules_text_line(buffer_view(&file->text), fault->line);
	struct bytes key;

	return rules_text_pair(line, &key, ret_name) &&
	       bytes_equal(key, bytes_of_string("time_zone")) &&
	       zone_hint(*ret_name, ret_rule);
}

static void tell_fault(
    const struct rules_file *file, const struct programme_fault *fault)
{
	char text[ERROR_TEXT_SIZE + 2 * ZONE_SIZE_MAX];
	char rule[ZONE_SIZE_MAX + 1];
	struct bytes name;

	if (!find_zone(file, fault, &name, rule)) {
		page_text_fault(file->page, file->path, fault->line,
		    fault->column, fault->text);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s; for %.*s write: time_zone = %s",
	    fault->text, (int)name.size, (const char *)name.data, rule);
	page_text_fault(
	    file->page, file->path, fault->line, fault->column, text);
}

static void take_fault(void *context, const struct programme_fault *fault)
{
	struct rules_file *file = context;

	file->faults++;
	if (file->faults <= FAULTS_SHOWN_MAX)
		tell_fault(file, fault);
}

static int put_faults(const struct rules_file *file)
{
	struct page *page = file->page;
	char say[FORMAT_SIZE];

	if (file->faults > FAULTS_SHOWN_MAX)
		page_say(page, "%" PRIu64 " more are not shown.",
		    file->faults - FAULTS_SHOWN_MAX);
	(void)snprintf(say, sizeof(say), "%" PRIu64 " fault%s.", file->faults,
	    file->faults == 1 ? "" : "s");
	page_say(page, "%s", say);
	page_count(page, "fault_count", NULL, (int64_t)file->faults);
	page_flag(page, "ok", NULL, false);
	page_text(page, "why", NULL, "faults");
	page_text(page, "say", NULL, say);
	return EXIT_REFUSED;
}

int rules_file_read(
    struct rules_file *file, struct page *page, const char *path)
{
	static const struct programme_fault too_long = {
	    0, 0, "it is longer than a programme can be"};
	struct error error;
	enum result result;

	*file = (struct rules_file){.page = page, .path = path};
	result = file_read(path, &file->text, &error);
	if (result == RESULT_OK)
		result = programme_check(buffer_view(&file->text), take_fault,
		    file, &file->programme, &error);
	else if (result == RESULT_LIMIT)
		take_fault(file, &too_long);
	if (result == RESULT_OK)
		return EXIT_FINE;
	if (file->faults != 0)
		return put_faults(file);
	return page_fail(page, result_name(result), "%s", error.text);
}

void rules_file_finish(struct rules_file *file)
{
	programme_destroy(file->programme);
	buffer_finish(&file->text);
	file->programme = NULL;
}

/* --- warnings ------------------------------------------------------------- */

static void take_warning(void *context, const struct programme_fault *fault)
{
	const struct rules_file *file = context;

	if (fault->line == 0)
		page_warning(file->page, file->path, "%s", fault->text);
	else
		page_warning(file->page, file->path, "line %u: %s", fault->line,
		    fault->text);
}

static const struct programme_reward *dearest(const struct programme *programme)
{
	const struct programme_reward *found = &programme->rewards[0];

	for (size_t i = 1; i < programme->reward_count; i++)
		if (programme->rewards[i].points > found->points)
			found = &programme->rewards[i];
	return found;
}

static void warn_of_offline(const struct rules_file *file)
{
	const struct programme *programme = file->programme;
	const struct programme_reward *reward = dearest(programme);
	char limit[FORMAT_SIZE];
	char price[FORMAT_SIZE];

	if (programme->offline_redeem_points_max <= reward->points ||
	    reward->points == 0)
		return;
	format_count((int64_t)programme->offline_redeem_points_max, limit);
	format_count((int64_t)reward->points, price);
	page_warning(file->page, file->path,
	    "offline_redeem_points_max is %s, more than the dearest reward "
	    "costs (%s, %s points): while the server is away a member may get "
	    "several",
	    limit, reward->name, price);
}

void rules_file_warn(struct rules_file *file)
{
	const struct programme *programme = file->programme;
	int32_t today = zone_local(&programme->zone, clock_wall_ms()).day;

	programme_warn(programme, today, take_warning, file);
	if (programme->is_plain && programme_earn_points(programme,
				       programme->sale_amount_minor_max) == 0)
		page_warning(file->page, file->path,
		    "no sale gives a point: sale_amount_max is less than "
		    "earn_amount");
	if (programme->reward_count == 0)
		page_warning(file->page, file->path,
		    "there is no reward: points buy nothing");
	else
		warn_of_offline(file);
}

/* A balance is a number of points, and no rule says what it was earned by. */
void rules_file_warn_of_change(
    const struct rules_file *file, struct bytes before)
{
	const char *after = file->programme->currency;
	char was[RULES_VALUE_SIZE];

	if (!rules_text_value(before, rules_text_section(before, "programme"),
		"currency", was) ||
	    strcmp(was, after) == 0)
		return;
	page_warning(file->page, file->path,
	    "line %u: the currency was %s and is %s from now on, and points "
	    "keep their number: check that every amount, ceiling and reward's "
	    "cost is meant in %s",
	    rules_text_section(buffer_view(&file->text), "programme"), was,
	    after, after);
}
