/*
 * bench_law: the law alone, on one core, without a ledger: decisions and their
 * application a second, and what a member takes in memory.
 *
 *     bench_law [--json] [MILLISECONDS a line (1000) [MEMBERS (20000) [PART]]]
 *
 * A part is `plain`, `rules` or `memory`; without one it is all of them. Memory
 * is that of 200,000 members, whatever MEMBERS is. With --json it is one object
 * of figures by name, for tests/bench/run.
 *
 * A decision is made and applied as the server does it; nothing is encoded,
 * hashed or kept.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/law/law.h"

#define MEMORY_MEMBERS 200000u
/* Friday, 2026-06-05, 12:30 UTC: ten days on it is a Monday in happy hour. */
#define START_MS 1780662600000ull

/* Twenty ways to earn, such as a grocer with everything has. */
static const char twenty_rules[] =
    "[programme]\nname = Bench\ncurrency = EUR\nearn_points = 1\n"
    "earn_amount = 1.00\nsale_amount_max = 5000.00\n"
    "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
    "exclude_categories = tobacco, gift-card\n"
    "sale_points_max = 5000\nmonth_points_max = 100000000\n"
    "[points]\nexpire_months = 12\n"
    "[tiers]\n[tier silver]\nname = Silver\nfrom = 100000000\n"
    "[earn fruit]\npoints = 0.5\nper = 1.00\ncategories = fruit\n"
    "[earn greens]\npoints = 0.5\nper = 1.00\ncategories = vegetables\n"
    "[earn dairy]\npoints = 1\nper = item\ncategories = dairy\n"
    "day_points_max = 1000000\n"
    "[earn bakery]\npoints = 0.25\nper = 1.00\ncategories = bakery\n"
    "[earn wine]\npoints = 5\nper = item\ncategories = wine\n"
    "amount_min = 20.00\n"
    "[earn soap]\npoints = 3\nper = item\nproducts = 4001686301265\n"
    "[earn happy]\nmultiply = 2\nhours = 14:00-16:00\ngroup = more\n"
    "[earn monday]\nmultiply = 1.5\nweekdays = mon\ngroup = more\n"
    "[earn weekend]\nmultiply = 1.2\nweekdays = sat, sun\ngroup = more\n"
    "[earn silver]\nmultiply = 1.25\ntiers = silver\n"
    "[earn staff]\nmultiply = 1.1\nsegments = staff\n"
    "[earn summer]\npoints = 20\nper = visit\nfrom = 2026-06-01\n"
    "until = 2026-08-31\nday_times = 1\n"
    "[earn north]\npoints = 1\nper = visit\nshops = north, south\n"
    "[earn basket]\npoints = 10\nper = visit\namount_min = 100.00\n"
    "[earn welcome]\npoints = 50\nper = visit\nfirst = yes\n"
    "[earn back]\npoints = 100\nper = visit\nlapsed_days = 90\n"
    "[earn birthday]\npoints = 100\nper = visit\nbirthday = yes\n"
    "[earn visits]\npoints = 1\nper = visit\n"
    "[earn budget]\npoints = 0.1\nper = 1.00\n"
    "budget_points_max = 100000000000\n"
    "[reward coffee]\nname = Coffee\npoints = 10\n";

/* --- saying --------------------------------------------------------------- */

static bool is_json;
static bool has_said;

/* One figure, for people or under its name. */
static void say(
    const char *name, const char *words, double value, const char *unit)
{
	if (is_json)
		printf("%s\"%s\":%.1f", has_said ? "," : "{", name, value);
	else
		printf("%-44s %11.1f %s\n", words, value, unit);
	has_said = true;
	fflush(stdout);
}

/* --- operations ----------------------------------------------------------- */

struct bench {
	struct book *book;
	uint32_t members;
	uint64_t now_ms;
	uint64_t done;
	uint64_t counter;
	struct bytes lines;
	uint8_t lines_data[512];
	struct decision decision;
};

static void check(enum result result, const struct error *err)
{
	if (result == RESULT_OK)
		return;
	fprintf(stderr, "bench_law: %s\n", err->text);
	exit(2);
}

static void run(struct bench *bench, struct command *command)
{
	struct decision *decision = &bench->decision;
	struct error err = {0};

	command->counter = command->terminal == 0
			       ? book_head(bench->book)->server_counter + 1
			       : ++bench->counter;
	law_decide(bench->book, command, bench->now_ms, decision);
	if (decision->refusal.code != REFUSAL_NONE) {
		fprintf(
		    stderr, "bench_law: refused: %s\n", decision->refusal.say);
		exit(2);
	}
	check(book_apply(bench->book, &decision->entry, &err), &err);
	bench->done++;
}

/* --- a shop --------------------------------------------------------------- */

static uint64_t account_of(uint64_t member)
{
	return ACCOUNT_MEMBER_MIN + member * 0x123456789ull;
}

static void enrol(struct bench *bench, uint32_t members)
{
	struct command command = {.kind = ENTRY_ENROL, .terminal = 1};

	command.commitment.bytes[0] = 1;
	bench->members = members;
	for (uint32_t i = 0; i < members; i++) {
		command.account = account_of(i);
		run(bench, &command);
	}
}

static void make_shop(struct bench *bench, struct bytes programme)
{
	struct command command = {.kind = ENTRY_SHOP};
	struct error err = {0};

	memset(bench, 0, sizeof(*bench));
	bench->now_ms = START_MS;
	check(book_create(&bench->book, &err), &err);
	command.text = bytes_of_string("bench.example");
	command.key.bytes[0] = 1;
	run(bench, &command);
	command = (struct command){.kind = ENTRY_PROGRAMME, .text = programme};
	run(bench, &command);
	command = (struct command){.kind = ENTRY_TERMINAL,
	    .subject = 1,
	    .role = ROLE_TERMINAL,
	    .standing = STANDING_ACTIVE};
	command.key.bytes[0] = 1;
	run(bench, &command);
}

/* Four lines that make up 12.50, of which most rules find something. */
static void fill_lines(struct bench *bench)
{
	static const struct {
		const char *category;
		const char *product;
		uint32_t quantity;
		int64_t amount_minor;
	} sold[] = {{"fruit", "4011", 2, 400}, {"dairy", "40123455", 1, 250},
	    {"household", "4001686301265", 1, 350}, {"tobacco", "1", 1, 250}};
	struct writer writer =
	    writer_of(bench->lines_data, sizeof(bench->lines_data));

	for (size_t i = 0; i < sizeof(sold) / sizeof(sold[0]); i++)
		sale_line_write(
		    &writer, &(struct sale_line){
				 .category = bytes_of_string(sold[i].category),
				 .product = bytes_of_string(sold[i].product),
				 .quantity = sold[i].quantity,
				 .amount_minor = sold[i].amount_minor});
	bench->lines = writer_view(&writer);
}

static void earn(struct bench *bench, uint64_t member)
{
	struct command command = {.kind = ENTRY_EARN,
	    .terminal = 1,
	    .account = account_of(member),
	    .amount_minor = 1250,
	    .lines = bench->lines,
	    .receipt = bytes_of_string("A-123456")};

	run(bench, &command);
}

static void redeem(struct bench *bench, uint64_t member)
{
	struct command command = {.kind = ENTRY_REDEEM,
	    .terminal = 1,
	    .account = account_of(member),
	    .reward = bytes_of_string("coffee")};

	run(bench, &command);
}

/* Each member buys once a day, so each day makes a lot. */
static void give_lots(struct bench *bench, unsigned lots)
{
	for (unsigned day = 0; day < lots; day++) {
		bench->now_ms += 86400000;
		for (uint32_t i = 0; i < bench->members; i++)
			earn(bench, i);
	}
}

/* --- speed ---------------------------------------------------------------- */

/* Of this program's own time on a processor, so that others beside it count
 * for less. */
static uint64_t now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

typedef void operation_fn(struct bench *bench, uint64_t member);

static double rate_s(struct bench *bench, operation_fn *run_it, uint64_t run_us)
{
	uint64_t start = now_us();
	uint64_t now = start;
	uint64_t count = 0;

	while (now - start < run_us) {
		for (unsigned i = 0; i < 1000; i++, count++)
			run_it(bench, count * 2654435761u % bench->members);
		now = now_us();
	}
	return (double)count * 1e6 / (double)(now - start);
}

static void bench_plain(uint32_t members, uint64_t run_us)
{
	static struct bench bench;
	struct buffer text = {0};
	struct error err = {0};

	check(programme_first_text("Bench", &text, &err), &err);
	make_shop(&bench, buffer_view(&text));
	buffer_finish(&text);
	enrol(&bench, members);
	say("plain_s", "a plain earning", rate_s(&bench, earn, run_us), "/s");
	book_destroy(bench.book);
}

static void bench_rules(uint32_t members, uint64_t run_us)
{
	static struct bench bench;

	make_shop(&bench, bytes_of_string(twenty_rules));
	fill_lines(&bench);
	enrol(&bench, members);
	give_lots(&bench, 10);
	say("rules_s", "twenty rules, ten lots, four lines: earn",
	    rate_s(&bench, earn, run_us), "/s");
	give_lots(&bench, 1);
	say("redeem_s", "the same: redeem", rate_s(&bench, redeem, run_us / 10),
	    "/s");
	book_destroy(bench.book);
}

/* --- memory --------------------------------------------------------------- */

static size_t bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void say_memory(
    const char *rules, const char *words, unsigned lots, size_t before)
{
	char name[32];
	char line[64];

	snprintf(name, sizeof(name), "%s_%u_bytes", rules, lots);
	snprintf(line, sizeof(line), "%s: a member with %u lot%s", words, lots,
	    lots == 1 ? "" : "s");
	say(name, line, (double)(bytes_in_use() - before) / MEMORY_MEMBERS,
	    "bytes");
}

static void bench_memory(
    const char *rules, const char *words, struct bytes programme)
{
	static struct bench bench;
	size_t before;

	make_shop(&bench, programme);
	fill_lines(&bench);
	before = bytes_in_use();
	enrol(&bench, MEMORY_MEMBERS);
	say_memory(rules, words, 0, before);
	give_lots(&bench, 1);
	say_memory(rules, words, 1, before);
	give_lots(&bench, 9);
	say_memory(rules, words, 10, before);
	book_destroy(bench.book);
}

static const char lots_alone[] =
    "[programme]\nname = Bench\ncurrency = EUR\nearn_points = 1\n"
    "earn_amount = 1.00\nsale_amount_max = 5000.00\n"
    "[points]\nexpire_months = 12\n";

int main(int argc, char **argv)
{
	is_json = argc > 1 && strcmp(argv[1], "--json") == 0;
	argc -= is_json;
	argv += is_json;

	uint64_t run_ms = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
	uint64_t members = argc > 2 ? strtoull(argv[2], NULL, 10) : 20000;
	const char *part = argc > 3 ? argv[3] : "";

	if (run_ms == 0 || members == 0 || members > 10000000) {
		fprintf(stderr, "usage: bench_law [--json] [MILLISECONDS "
				"[MEMBERS [PART]]]\n");
		return 2;
	}
	if (*part == '\0' || strcmp(part, "plain") == 0)
		bench_plain((uint32_t)members, run_ms * 1000);
	if (*part == '\0' || strcmp(part, "rules") == 0)
		bench_rules((uint32_t)members, run_ms * 1000);
	if (*part == '\0' || strcmp(part, "memory") == 0) {
		bench_memory("lots", "lots alone", bytes_of_string(lots_alone));
		bench_memory(
		    "rules", "twenty rules", bytes_of_string(twenty_rules));
	}
	if (is_json && has_said)
		puts("}");
	return 0;
}
