/*
 * page_world: a page that gathers what a verb says, for tests of the verbs. It
 * stands in the place of print.c, which is tested by the programs' own tests.
 *
 * `text` is what people read: a line a field, "Label: value"; a line a row of a
 * table, its cells between bars. `keys` is what programs read, "key=value" a
 * line, cells of tables among them.
 */
#ifndef TESTS_UNIT_SERVER_PAGE_WORLD_H
#define TESTS_UNIT_SERVER_PAGE_WORLD_H

#include "tests/unit/server/command_world.h"

#include "proto/file.h"
#include "server/tally/format.h"
#include "server/tally/print.h"
#include "server/tally/verbs.h"

struct page {
	char text[32768];
	char keys[32768];
	const struct column *columns;
	size_t column_count;
	size_t column;
	bool is_shown; /* the table: else it is for programs alone */
};

static struct page said;

__attribute__((format(printf, 2, 0))) static void gather_list(
    char text[32768], const char *format, va_list arguments)
{
	size_t size = strlen(text);

	(void)vsnprintf(&text[size], 32768 - size, format, arguments);
}

__attribute__((format(printf, 2, 3))) static void gather(
    char text[32768], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	gather_list(text, format, arguments);
	va_end(arguments);
}

static void field(struct page *to, const char *key, const char *label,
    const char *value, const char *shown)
{
	if (key != NULL)
		gather(to->keys, "%s=%s\n", key, value);
	if (label != NULL)
		gather(to->text, "%s: %s\n", label, shown);
}

bool page_is_json(const struct page *to)
{
	(void)to;
	return false;
}

int page_fail(struct page *to, const char *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	gather(to->text, "%s: ", why);
	gather_list(to->text, format, arguments);
	gather(to->text, "\n");
	va_end(arguments);
	return EXIT_FAILED;
}

int page_refuse(struct page *to, const struct refusal *refusal)
{
	gather(to->text, "%s: %s\n", refusal_name(refusal->code), refusal->say);
	return EXIT_REFUSED;
}

void page_say(struct page *to, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	gather_list(to->text, format, arguments);
	gather(to->text, "\n");
	va_end(arguments);
}

void page_wrapped(struct page *to, size_t indent, const char *text)
{
	gather(to->text, "%*s%s\n", (int)indent, "", text);
}

void page_sentence(struct page *to, const char *key, const char *text)
{
	field(to, key, NULL, text, text);
	gather(to->text, "%s\n", text);
}

void page_text(
    struct page *to, const char *key, const char *label, const char *value)
{
	field(to, key, label, value, value);
}

void page_count(
    struct page *to, const char *key, const char *label, int64_t count)
{
	char value[FORMAT_SIZE];
	char shown[FORMAT_SIZE];

	(void)snprintf(value, sizeof(value), "%lld", (long long)count);
	format_count(count, shown);
	field(to, key, label, value, shown);
}

void page_number(
    struct page *to, const char *key, const char *label, uint64_t number)
{
	char value[FORMAT_SIZE];

	(void)snprintf(
	    value, sizeof(value), "%llu", (unsigned long long)number);
	field(to, key, label, value, value);
}

void page_amount(
    struct page *to, const char *key, const char *label, int64_t amount_minor)
{
	char value[FORMAT_SIZE];
	char shown[FORMAT_SIZE];

	(void)snprintf(value, sizeof(value), "%lld", (long long)amount_minor);
	format_money(amount_minor, shown);
	field(to, key, label, value, shown);
}

void page_time(
    struct page *to, const char *key, const char *label, uint64_t time_ms)
{
	char value[FORMAT_SIZE];

	(void)snprintf(
	    value, sizeof(value), "%llu", (unsigned long long)time_ms);
	field(to, key, label, value, time_ms == 0 ? "" : "(time)");
}

void page_flag(struct page *to, const char *key, const char *label, bool flag)
{
	field(to, key, label, flag ? "true" : "false", flag ? "yes" : "no");
}

void page_hash(
    struct page *to, const char *key, const char *label, struct bytes hash)
{
	char text[2 * HASH_SIZE + 1];

	bytes_to_hex(hash, text);
	field(to, key, label, text, text);
}

/* --- tables --------------------------------------------------------------- */

void page_table(struct page *to, const char *key, const struct column *columns,
    size_t column_count)
{
	to->columns = columns;
	to->column_count = column_count;
	to->column = 0;
	to->is_shown = false;
	gather(to->keys, "[%s]\n", key);
	for (size_t i = 0; i < column_count; i++) {
		if (columns[i].heading == NULL)
			continue;
		gather(to->text, "|%s", columns[i].heading);
		to->is_shown = true;
	}
	if (to->is_shown)
		gather(to->text, "|\n");
}

static void cell(struct page *to, const char *value, const char *shown)
{
	const struct column *column = &to->columns[to->column];

	gather(to->keys, "%s=%s\n", column->key, value);
	if (column->heading != NULL)
		gather(to->text, "|%s", shown);
	to->column = (to->column + 1) % to->column_count;
	if (to->column == 0 && to->is_shown)
		gather(to->text, "|\n");
}

void page_cell_text(struct page *to, const char *value)
{
	cell(to, value, value);
}

void page_cell_count(struct page *to, int64_t count)
{
	char value[FORMAT_SIZE];
	char shown[FORMAT_SIZE];

	(void)snprintf(value, sizeof(value), "%lld", (long long)count);
	format_count(count, shown);
	cell(to, value, shown);
}

void page_cell_number(struct page *to, uint64_t number)
{
	char value[FORMAT_SIZE];

	(void)snprintf(
	    value, sizeof(value), "%llu", (unsigned long long)number);
	cell(to, value, number == 0 ? "" : value);
}

void page_cell_amount(struct page *to, uint64_t amount_minor)
{
	char shown[FORMAT_SIZE];

	format_amount(amount_minor, shown);
	cell(to, shown, shown);
}

void page_cell_money(struct page *to, int64_t amount_minor)
{
	char shown[FORMAT_SIZE];

	format_money(amount_minor, shown);
	cell(to, shown, shown);
}

void page_cell_micro(struct page *to, uint64_t micro)
{
	char shown[FORMAT_SIZE];

	format_micro(micro, shown);
	cell(to, shown, shown);
}

void page_cell_time(struct page *to, uint64_t time_ms)
{
	cell(to, time_ms == 0 ? "" : "(time)", time_ms == 0 ? "" : "(time)");
}

void page_cell_flag(struct page *to, bool flag)
{
	cell(to, flag ? "true" : "false", flag ? "yes" : "");
}

void page_table_end(struct page *to, const char *nothing)
{
	assert_int_equal(to->column, 0);
	if (nothing != NULL)
		gather(to->keys, "[/]\n");
}

/* --- files ---------------------------------------------------------------- */

void page_verbatim(struct page *to, const char *key, struct bytes text)
{
	(void)key;
	gather(to->text, "%.*s", (int)text.size, (const char *)text.data);
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : &slash[1];
}

void page_warning(struct page *to, const char *file, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	gather(to->text, "%s: warning: ", name_of(file));
	gather_list(to->text, format, arguments);
	gather(to->text, "\n");
	va_end(arguments);
}

void page_text_fault(struct page *to, const char *file, unsigned line,
    unsigned column, const char *text)
{
	gather(to->text, "%s:%u:%u: %s\n", name_of(file), line, column, text);
}

/* --- asking --------------------------------------------------------------- */

#define assert_says(what)                                                 \
	do {                                                              \
		if (strstr(said.text, what) == NULL)                      \
			fail_msg("'%s' is not in:\n%s", what, said.text); \
	} while (0)
#define assert_key(what)                                                  \
	do {                                                              \
		if (strstr(said.keys, what "\n") == NULL)                 \
			fail_msg("'%s' is not in:\n%s", what, said.keys); \
	} while (0)

#define OPTIONS(...)              \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

typedef int verb_fn(const struct asked *asked, struct page *page);

const char *asked_option(const struct asked *asked, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < asked->option_count; i++)
		if (strcmp(asked->options[i].name, name) == 0)
			value = asked->options[i].value;
	return value;
}

/* A verb on this world's folder, which nobody holds meanwhile. `options` are
 * names and values in turn, or NULL. */
static inline int run_verb(struct world *world, verb_fn *verb, const char *one,
    const char *other, const char *const *options)
{
	char shop[128];
	struct asked asked = {.shop = shop, .positionals = {one, other}};
	int code;

	world_path(world, "", shop);
	for (; options != NULL && *options != NULL; options = &options[2])
		asked.options[asked.option_count++] =
		    (struct given_option){options[0], options[1]};
	memset(&said, 0, sizeof(said));
	assert_int_equal(
	    shop_close(world->shop, world->now_ms, &world->err), RESULT_OK);
	world->shop = NULL;
	code = verb(&asked, &said);
	world_reopen(world);
	return code;
}

/* A file beside the shop's own; its path stays until the next one. */
static inline const char *write_file(
    struct world *world, const char *name, const char *text)
{
	static char path[128];

	world_path(world, name, path);
	assert_int_equal(
	    file_replace(path, bytes_of_string(text), false, &world->err),
	    RESULT_OK);
	return path;
}

/* New rules, at the world's own time. */
static inline void put_rules(struct world *world, const char *rules)
{
	tally_Request *request =
	    world_request(world, tally_Request_programme_put_tag);
	struct hash hash =
	    hash_plain(world->shop->hasher, bytes_of_string(rules));

	(void)write_file(world, SHOP_PROGRAMME_NEW, rules);
	request->body.programme_put.hash.size = HASH_SIZE;
	memcpy(request->body.programme_put.hash.bytes, hash.bytes, HASH_SIZE);
	if (world_ask_owner(world) != REFUSAL_NONE)
		fail_msg("%s", world_refusal(world)->say);
}

#endif
