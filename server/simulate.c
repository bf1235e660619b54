/*
 * simulate: owns the walk over the sales.
 *
 * Entries are neither encoded nor hashed: what is asked here is what the law
 * says, and nobody has to prove it.
 */
#include "server/simulate_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_SALES 16384u
#define AHEAD_MEMBER 4u /* sales */
#define AHEAD_BLOCK 2u
#define DAY_S 86400
#define MINUTE_MS 60000
#define ORIGIN "simulation.example"

uint64_t simulate_account(uint32_t customer)
{
	return ACCOUNT_MEMBER_MIN + customer;
}

/* xorshift64: the same for the same sales. */
uint64_t simulate_random(struct simulating *simulating)
{
	simulating->random ^= simulating->random << 13;
	simulating->random ^= simulating->random >> 7;
	simulating->random ^= simulating->random << 17;
	return simulating->random;
}

/* Something that is not nothing, where a real shop has a key. */
static struct hash some_hash(uint64_t number)
{
	struct hash hash;

	memset(hash.bytes, 0x5a, sizeof(hash.bytes));
	memcpy(hash.bytes, &number, sizeof(number));
	return hash;
}

enum result simulate_step(struct simulating *simulating,
    const struct command *command, uint64_t now_ms, bool *ret_is_done)
{
	struct decision *decision = simulating->decision;

	law_decide(simulating->book, command, now_ms, decision);
	*ret_is_done = decision->refusal.code == REFUSAL_NONE;
	if (!*ret_is_done)
		return RESULT_OK;
	return book_apply(simulating->book, &decision->entry, simulating->err);
}

/* What must not be refused: a shop, its rules, its tills. */
static enum result must_step(struct simulating *simulating,
    const struct command *command, uint64_t now_ms)
{
	bool is_done;
	enum result result =
	    simulate_step(simulating, command, now_ms, &is_done);

	if (result == RESULT_OK && !is_done)
		return error_set(simulating->err, RESULT_LIMIT, "%s",
		    simulating->decision->refusal.say);
	return result;
}

/* --- time ----------------------------------------------------------------- */

static void begin_day(struct simulating *simulating, int32_t day)
{
	const struct programme *programme = simulating->programme;
	struct today *today = &simulating->today;
	int32_t active_day;

	today->day = day;
	today->starts_ms = zone_day_starts_ms(&programme->zone, day);
	today->ends_ms = zone_day_starts_ms(&programme->zone, day + 1);
	programme_stamps(programme, day, &active_day, &today->expiry_day);
}

/* An hour that comes twice is the first of them; one that does not come is
 * near enough. */
static uint64_t of_odd_day(const struct simulating *simulating, uint64_t ms)
{
	const struct today *today = &simulating->today;
	uint64_t now_ms = today->starts_ms + ms;
	struct local_time local =
	    zone_local(&simulating->programme->zone, now_ms);
	int64_t wanted = (int64_t)(ms / MINUTE_MS);
	int64_t is = (local.day - today->day) * 1440 + local.minute;

	return (uint64_t)((int64_t)now_ms + (wanted - is) * MINUTE_MS);
}

static int32_t day_of(
    const struct simulating *simulating, const struct sales_sale *sale)
{
	if (!simulating->sales->is_utc)
		return (int32_t)(sale->time_s / DAY_S);
	return zone_local(
	    &simulating->programme->zone, (uint64_t)sale->time_s * 1000)
	    .day;
}

/* Moves on to the sale's day, where it is a later one. */
static enum result reach(struct simulating *simulating,
    const struct sales_sale *sale, uint64_t *ret_now_ms)
{
	const struct today *today = &simulating->today;
	bool is_utc = simulating->sales->is_utc;
	uint64_t now_ms = (uint64_t)sale->time_s * 1000;
	bool is_today = is_utc ? now_ms < today->ends_ms
			       : sale->time_s / DAY_S == today->day;

	if (!is_today) {
		enum result result =
		    night_run(simulating, day_of(simulating, sale));

		if (result != RESULT_OK)
			return result;
		begin_day(simulating, day_of(simulating, sale));
	}
	if (!is_utc) {
		uint64_t ms = now_ms - (uint64_t)today->day * DAY_MS;

		now_ms = today->ends_ms - today->starts_ms == DAY_MS
			     ? today->starts_ms + ms
			     : of_odd_day(simulating, ms);
	}
	*ret_now_ms = now_ms;
	return RESULT_OK;
}

/* --- the shop ------------------------------------------------------------- */

static enum result add_shop(
    struct simulating *simulating, struct bytes text, uint64_t now_ms)
{
	struct command shop = {.kind = ENTRY_SHOP,
	    .counter = 1,
	    .text = bytes_of_string(ORIGIN),
	    .key = some_hash(1)};
	struct command programme = {
	    .kind = ENTRY_PROGRAMME, .counter = 2, .text = text};
	enum result result = must_step(simulating, &shop, now_ms);

	if (result == RESULT_OK)
		result = must_step(simulating, &programme, now_ms);
	if (result == RESULT_OK)
		simulating->programme =
		    book_programme(simulating->book)->programme;
	return result;
}

/* A shop's name as a programme can say it: "North End" is north-end. */
static struct bytes id_of_shop(
    struct bytes name, char text[SHOP_ID_SIZE_MAX + 1])
{
	size_t size =
	    name.size < SHOP_ID_SIZE_MAX ? name.size : SHOP_ID_SIZE_MAX;

	for (size_t i = 0; i < size; i++) {
		uint8_t letter = name.data[i];

		if (letter >= 'A' && letter <= 'Z')
			letter = (uint8_t)(letter - 'A' + 'a');
		if (!(letter >= 'a' && letter <= 'z') &&
		    !(letter >= '0' && letter <= '9') && letter != '_')
			letter = '-';
		text[i] = (char)letter;
	}
	return bytes_of(text, size);
}

/* A till for each shop, and the first one for sales without. */
static enum result add_tills(struct simulating *simulating, uint64_t now_ms)
{
	const struct words *shops = &simulating->sales->shops;
	enum result result = RESULT_OK;

	if (shops->count >= TERMINALS_MAX)
		return error_set(simulating->err, RESULT_LIMIT,
		    "more than %u shops", TERMINALS_MAX - 1);
	for (uint32_t i = 0; result == RESULT_OK && i <= shops->count; i++) {
		char id[SHOP_ID_SIZE_MAX + 1];
		struct command till = {.kind = ENTRY_TERMINAL,
		    .counter = book_head(simulating->book)->server_counter + 1,
		    .subject = i + 1,
		    .role = ROLE_TERMINAL,
		    .standing = STANDING_ACTIVE,
		    .key = some_hash(i + 2)};

		if (i != 0)
			till.shop = id_of_shop(shops->items[i - 1], id);
		result = must_step(simulating, &till, now_ms);
	}
	return result;
}

static uint32_t till_of(const struct sales_sale *sale)
{
	return sale->shop == SALES_NONE ? 1 : sale->shop + 2;
}

/* --- one sale ------------------------------------------------------------- */

static enum result enrol(struct simulating *simulating,
    const struct sales_sale *sale, uint64_t now_ms)
{
	uint32_t till = till_of(sale);
	struct command command = {.kind = ENTRY_ENROL,
	    .terminal = till,
	    .counter = ++simulating->counters[till],
	    .account = simulate_account(sale->customer),
	    .commitment = some_hash(sale->customer + 1)};
	enum result result = must_step(simulating, &command, now_ms);

	if (result == RESULT_OK) {
		simulating->is_member[sale->customer] = 1;
		simulating->to->members++;
	}
	return result;
}

/* Birthdays are spread over the year by the customer's number. */
static bool is_birthday(const struct simulating *simulating, uint32_t customer)
{
	int32_t day = (int32_t)((customer * 0x9e3779b1u >> 8) % 365);
	struct date date;

	if (!simulating->programme->has_birthday_rule)
		return false;
	date = day_to_date(day);
	return law_is_birthday(
	    simulating->programme, date.month, date.day, simulating->today.day);
}

static void fill_earn(struct simulating *simulating,
    const struct sales_sale *sale, uint64_t paid_minor)
{
	struct command *earn = &simulating->earn;
	uint64_t random[2] = {
	    simulate_random(simulating), simulate_random(simulating)};

	earn->terminal = till_of(sale);
	earn->counter = ++simulating->counters[earn->terminal];
	earn->account = simulate_account(sale->customer);
	earn->amount_minor = (uint64_t)sale->amount_minor;
	earn->paid_minor = paid_minor;
	earn->is_birthday = is_birthday(simulating, sale->customer);
	memcpy(earn->random, random, sizeof(earn->random));
}

static void count_parts(
    struct simulating *simulating, const struct entry *entry)
{
	struct simulation *to = simulating->to;
	struct reader reader = reader_of(entry->parts);
	struct part parts[RULES_MAX];
	size_t count = 0;

	if (simulating->programme->is_plain) {
		to->rules[0].points_micro += entry->points * POINTS_MICRO;
		to->rules[0].sales += entry->points != 0;
		return;
	}
	while (count < RULES_MAX && part_read(&reader, &parts[count]))
		count++;
	for (size_t i = 0; i < count; i++) {
		struct simulated_rule *rule = &to->rules[parts[i].rule];

		if (!earn_part_counts(simulating->programme, parts, count, i))
			continue;
		rule->points_micro += parts[i].points_micro;
		rule->sales += parts[i].points_micro != 0;
	}
}

static void count_earned(
    struct simulating *simulating, const struct sales_sale *sale)
{
	const struct entry *entry = &simulating->decision->entry;
	struct simulation *to = simulating->to;

	to->sales++;
	to->amount_minor += (uint64_t)sale->amount_minor;
	to->issued_points += entry->points;
	to->points[sale->customer] += entry->points;
	count_parts(simulating, entry);
}

static enum result refuse(struct simulating *simulating, const char *why)
{
	if (simulating->to->refused++ == 0)
		(void)snprintf(simulating->to->refusal,
		    sizeof(simulating->to->refusal), "%s", why);
	return RESULT_OK;
}

static enum result earn_sale(struct simulating *simulating,
    const struct sales_sale *sale, uint64_t paid_minor, uint64_t now_ms)
{
	enum result result;
	bool is_done;

	if (!simulate_lines(simulating, sale, &simulating->earn.lines))
		return refuse(simulating,
		    "A sale has more lines than the law takes, also by "
		    "category.");
	fill_earn(simulating, sale, paid_minor);
	result = simulate_step(simulating, &simulating->earn, now_ms, &is_done);
	if (result != RESULT_OK)
		return result;
	if (!is_done)
		return refuse(simulating, simulating->decision->refusal.say);
	count_earned(simulating, sale);
	return night_after_sale(simulating, sale->customer);
}

static enum result run_sale(
    struct simulating *simulating, const struct sales_sale *sale)
{
	uint64_t paid_minor = 0;
	uint64_t now_ms;
	enum result result;

	if (sale->customer == SALES_NONE) {
		simulating->to->nobody++;
		return RESULT_OK;
	}
	if (sale->amount_minor <= 0) {
		simulating->to->empty++;
		return RESULT_OK;
	}
	result = reach(simulating, sale, &now_ms);
	if (result == RESULT_OK && simulating->is_member[sale->customer] == 0)
		result = enrol(simulating, sale, now_ms);
	if (result == RESULT_OK && simulating->options->redeem)
		result = redeem_visit(simulating, sale, now_ms, &paid_minor);
	if (result == RESULT_OK)
		result = earn_sale(simulating, sale, paid_minor, now_ms);
	return result;
}

/* Whose sale it is; 0, which is nobody's account, after the last. */
static uint64_t account_of(const struct simulating *simulating, size_t place)
{
	const struct sales *sales = simulating->sales;

	if (place >= sales->count || sales->items[place].customer == SALES_NONE)
		return 0;
	return simulate_account(sales->items[place].customer);
}

/* Customers come in any order, so that each is far away in memory. */
static void look_ahead(const struct simulating *simulating, size_t place)
{
	book_expect_member(
	    simulating->book, account_of(simulating, place + AHEAD_MEMBER));
	book_expect_block(
	    simulating->book, account_of(simulating, place + AHEAD_BLOCK));
}

static enum result run_sales(struct simulating *simulating)
{
	const struct simulate_options *options = simulating->options;
	const struct sales *sales = simulating->sales;
	enum result result = RESULT_OK;

	for (size_t i = 0; result == RESULT_OK && i < sales->count; i++) {
		look_ahead(simulating, i);
		result = run_sale(simulating, &sales->items[i]);
		if (i % PROGRESS_SALES == 0 && options->progress != NULL)
			options->progress(options->context, i, sales->count);
	}
	if (result == RESULT_OK)
		result = night_run(simulating, simulating->today.day + 1);
	return result;
}

/* --- what came of it ------------------------------------------------------ */

static void count_members(struct simulating *simulating)
{
	struct simulation *to = simulating->to;

	for (uint32_t i = 0; i < simulating->sales->customers.count; i++) {
		const struct book_member *member;

		if (simulating->is_member[i] == 0)
			continue;
		member = book_member(simulating->book, simulate_account(i));
		to->active_members += member->balance_points > 0;
		to->tier_members[law_tier(simulating->book,
		    simulating->programme, member, simulating->today.day)]++;
	}
}

static void count_totals(struct simulating *simulating)
{
	struct simulation *to = simulating->to;
	struct book_totals totals;

	book_totals(simulating->book, &totals);
	to->redeemed_points = (uint64_t)totals.redeemed_points;
	to->expired_points = (uint64_t)totals.expired_points;
	to->outstanding_points = totals.members_points;
	to->last_day = simulating->today.day;
}

/* --- all of it ------------------------------------------------------------ */

static enum result make_room(struct simulating *simulating)
{
	const struct sales *sales = simulating->sales;

	simulating->decision = malloc(sizeof(*simulating->decision));
	simulating->counters =
	    calloc(sales->shops.count + 2, sizeof(*simulating->counters));
	simulating->is_member = calloc(sales->customers.count + 1, 1);
	simulating->to->points =
	    calloc(sales->customers.count + 1, sizeof(uint64_t));
	if (simulating->decision == NULL || simulating->counters == NULL ||
	    simulating->is_member == NULL || simulating->to->points == NULL)
		return error_no_memory(simulating->err);
	return book_create(&simulating->book, simulating->err);
}

/* The first and the last day, with a day to spare for any time zone. */
static enum result prepare(struct simulating *simulating, struct bytes text)
{
	const struct sales *sales = simulating->sales;
	int64_t first_s = sales->items[0].time_s;
	uint64_t start_ms;
	enum result result;

	if (first_s < DAY_S)
		return error_set(simulating->err, RESULT_INVALID,
		    "the first sale is before 1970-01-02");
	start_ms = (uint64_t)(first_s / DAY_S - 1) * DAY_MS;
	result = add_shop(simulating, text, start_ms);
	if (result == RESULT_OK)
		result = add_tills(simulating, start_ms);
	if (result != RESULT_OK)
		return result;
	begin_day(simulating, day_of(simulating, &sales->items[0]));
	simulating->to->first_day = simulating->today.day;
	redeem_init(simulating);
	return night_init(simulating, simulating->today.day,
	    day_of(simulating, &sales->items[sales->count - 1]));
}

static enum result run(struct simulating *simulating, struct bytes text)
{
	enum result result =
	    programme_parse(text, &simulating->to->programme, simulating->err);

	if (result == RESULT_OK && simulating->sales->count == 0)
		return error_set(simulating->err, RESULT_INVALID,
		    "there is no sale in the file");
	if (result == RESULT_OK)
		result = make_room(simulating);
	if (result == RESULT_OK)
		result = prepare(simulating, text);
	if (result == RESULT_OK)
		result = run_sales(simulating);
	if (result != RESULT_OK)
		return result;
	count_members(simulating);
	count_totals(simulating);
	redeem_value(simulating);
	return RESULT_OK;
}

enum result simulate(struct bytes text, const struct sales *sales,
    const struct simulate_options *options, struct simulation *ret_simulation,
    struct error *err)
{
	struct simulation simulation = {0};
	struct simulating *simulating = calloc(1, sizeof(*simulating));
	enum result result;

	if (simulating == NULL)
		return error_no_memory(err);
	simulating->sales = sales;
	simulating->options = options;
	simulating->to = &simulation;
	simulating->err = err;
	simulating->random = 0x9e3779b97f4a7c15ull;
	simulating->earn = (struct command){
	    .kind = ENTRY_EARN, .draw_size = 1, .draw_root = some_hash(0)};
	result = run(simulating, text);
	night_finish(&simulating->night);
	book_destroy(simulating->book);
	free(simulating->decision);
	free(simulating->counters);
	free(simulating->is_member);
	free(simulating);
	if (result != RESULT_OK) {
		simulation_finish(&simulation);
		return result;
	}
	*ret_simulation = simulation;
	return RESULT_OK;
}

void simulation_finish(struct simulation *simulation)
{
	programme_destroy(simulation->programme);
	free(simulation->points);
	*simulation = (struct simulation){0};
}
