/*
 * print: owns the two forms of an answer.
 *
 * The JSON form is `object`, built as the verb goes. The text form is written
 * into a memory stream. A page that ran out of memory says so at its end, as
 * a verb has nothing better to do about it.
 */
#include "server/tally/print.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/wrap.h"
#include "server/tally/format.h"
#include "server/tally/grid.h"

#define LABEL_WIDTH 14
#define PAGE_WIDTH 78u
#define TERMINAL_WIDTH 80u /* of one that does not say */

struct page {
	bool is_json;
	bool has_failed;
	bool is_turned_down; /* its text is not printed */
	size_t width;	     /* of the terminal; 0: there is none */
	json_t *object;
	FILE *stream; /* text … */
	char *text;   /* … ends up here */
	size_t text_size;
	/* The table that is being filled. */
	json_t *rows;
	json_t *row;
	struct grid grid;
	const struct column *columns;
	size_t column_count;
	size_t column;
};

/* Takes `value`. NULL is what jansson answers where there is no memory. */
static void set(struct page *page, const char *key, json_t *value)
{
	if (json_object_set_new(page->object, key, value) != 0)
		page->has_failed = true;
}

/* COLUMNS goes first, as with other programs: it is what somebody has said. */
static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t said;

	if (isatty(STDOUT_FILENO) != 1)
		return 0;
	if (columns != NULL && format_read_count(columns, &said) && said != 0)
		return (size_t)said;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0)
		return size.ws_col;
	return TERMINAL_WIDTH;
}

struct page *page_create(const char *verb, bool is_json)
{
	struct page *page = calloc(1, sizeof(*page));

	if (page == NULL)
		return NULL;
	page->is_json = is_json;
	page->width = terminal_width();
	grid_init(&page->grid);
	page->object = json_object();
	page->stream = open_memstream(&page->text, &page->text_size);
	if (page->object == NULL || page->stream == NULL) {
		json_decref(page->object);
		if (page->stream != NULL)
			fclose(page->stream);
		free(page->text);
		free(page);
		return NULL;
	}
	set(page, "do", json_string(verb));
	set(page, "ok", json_true());
	return page;
}

int page_end(struct page *page, int code)
{
	bool is_printed;

	if (fclose(page->stream) != 0)
		page->has_failed = true;
	if (page->is_json)
		is_printed = json_dumpf(page->object, stdout,
				 JSON_COMPACT | JSON_PRESERVE_ORDER) == 0 &&
			     putchar('\n') != EOF;
	else
		is_printed =
		    page->is_turned_down || fputs(page->text, stdout) != EOF;
	if (fflush(stdout) != 0 || !is_printed || page->has_failed) {
		fputs("tally: the answer could not be printed\n", stderr);
		code = EXIT_FAILED;
	}
	json_decref(page->object);
	grid_finish(&page->grid);
	free(page->text);
	free(page);
	return code;
}

bool page_is_json(const struct page *page)
{
	return page->is_json;
}

/* --- why not -------------------------------------------------------------- */

/* What was to be printed is dropped; in JSON the object says why instead. */
static void turn_down(struct page *page, const char *why, const char *say)
{
	json_t *verb = json_incref(json_object_get(page->object, "do"));

	json_object_clear(page->object);
	set(page, "do", verb);
	set(page, "ok", json_false());
	set(page, "why", json_string(why));
	set(page, "say", json_string(say));
	page->is_turned_down = true;
	if (!page->is_json)
		fprintf(stderr, "tally: %s\n", say);
}

int page_fail(struct page *page, const char *why, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE + 256];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	turn_down(page, why, text);
	return EXIT_FAILED;
}

int page_refuse(struct page *page, const struct refusal *refusal)
{
	turn_down(page, refusal_name(refusal->code),
	    refusal->say[0] == '\0' ? "the server refused it" : refusal->say);
	return EXIT_REFUSED;
}

/* --- lines and fields ----------------------------------------------------- */

/* One or more lines, without the last one's end. */
static void put_lines(struct page *page, const char *text)
{
	struct buffer lines = {0};
	struct error error;

	if (page->width == 0)
		fputs(text, page->stream);
	else if (wrap_lines(bytes_of_string(text), page->width, &lines,
		     &error) != RESULT_OK)
		page->has_failed = true;
	else if (lines.size != 0)
		(void)fwrite(lines.data, 1, lines.size, page->stream);
	buffer_finish(&lines);
	fputc('\n', page->stream);
}

void page_say(struct page *page, const char *format, ...)
{
	va_list arguments;
	char *text;
	int size;

	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0) {
		page->has_failed = true;
		return;
	}
	if (text[0] == ' ')
		fprintf(page->stream, "%s\n", text);
	else
		put_lines(page, text);
	free(text);
}

void page_wrapped(struct page *page, size_t indent, const char *text)
{
	bool is_narrow = page->width != 0 && page->width < PAGE_WIDTH;

	format_wrapped(
	    page->stream, text, indent, is_narrow ? page->width : PAGE_WIDTH);
}

static void say_field(struct page *page, const char *label, const char *value)
{
	char *text;

	if (label == NULL)
		return;
	/* A hash or a key stays beside its label. */
	if (strchr(value, ' ') == NULL) {
		fprintf(page->stream, "%-*s  %s\n", LABEL_WIDTH, label, value);
		return;
	}
	if (asprintf(&text, "%-*s  %s", LABEL_WIDTH, label, value) < 0) {
		page->has_failed = true;
		return;
	}
	put_lines(page, text);
	free(text);
}

void page_text(
    struct page *page, const char *key, const char *label, const char *value)
{
	if (key != NULL)
		set(page, key, json_string(value));
	say_field(page, label, value);
}

void page_count(
    struct page *page, const char *key, const char *label, int64_t count)
{
	char text[FORMAT_SIZE];

	format_count(count, text);
	if (key != NULL)
		set(page, key, json_integer(count));
	say_field(page, label, text);
}

void page_number(
    struct page *page, const char *key, const char *label, uint64_t number)
{
	char text[FORMAT_SIZE];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	if (key != NULL)
		set(page, key, json_integer((json_int_t)number));
	say_field(page, label, text);
}

void page_amount(
    struct page *page, const char *key, const char *label, int64_t amount_minor)
{
	char text[FORMAT_SIZE];

	format_money(amount_minor, text);
	if (key != NULL)
		set(page, key, json_integer(amount_minor));
	say_field(page, label, text);
}

void page_time(
    struct page *page, const char *key, const char *label, uint64_t time_ms)
{
	char text[FORMAT_SIZE];

	format_time(time_ms, text);
	if (key != NULL)
		set(page, key, json_integer((json_int_t)time_ms));
	say_field(page, label, text);
}

void page_flag(struct page *page, const char *key, const char *label, bool flag)
{
	if (key != NULL)
		set(page, key, json_boolean(flag));
	say_field(page, label, flag ? "yes" : "no");
}

void page_hash(
    struct page *page, const char *key, const char *label, struct bytes hash)
{
	char text[2 * HASH_SIZE + 1];

	if (hash.size > HASH_SIZE)
		hash.size = HASH_SIZE;
	bytes_to_hex(hash, text);
	page_text(page, key, label, text);
}

/* --- tables --------------------------------------------------------------- */

static void add_column(struct grid *grid, const struct column *column)
{
	if (column->is_text)
		grid_text_column(grid);
	else
		grid_column(grid, column->is_number);
}

void page_table(struct page *page, const char *key,
    const struct column *columns, size_t column_count)
{
	size_t i;

	grid_finish(&page->grid);
	page->columns = columns;
	page->column_count = column_count;
	page->column = 0;
	page->row = NULL;
	page->rows = json_array();
	set(page, key, page->rows);
	for (i = 0; i < column_count; i++)
		if (columns[i].heading != NULL)
			add_column(&page->grid, &columns[i]);
	for (i = 0; i < column_count; i++)
		if (columns[i].heading != NULL &&
		    !grid_cell(&page->grid, columns[i].heading))
			page->has_failed = true;
}

/* The next cell in both forms; takes `value`. */
static void put_cell(struct page *page, json_t *value, const char *text)
{
	const struct column *column = &page->columns[page->column];

	if (page->column == 0) {
		page->row = json_object();
		if (json_array_append_new(page->rows, page->row) != 0)
			page->has_failed = true;
	}
	if (page->has_failed)
		json_decref(value);
	else if (json_object_set_new(page->row, column->key, value) != 0)
		page->has_failed = true;
	if (column->heading != NULL && !grid_cell(&page->grid, text))
		page->has_failed = true;
	page->column = (page->column + 1) % page->column_count;
}

void page_cell_text(struct page *page, const char *value)
{
	put_cell(page, json_string(value), value);
}

void page_cell_count(struct page *page, int64_t count)
{
	char text[FORMAT_SIZE];

	format_count(count, text);
	put_cell(page, json_integer(count), text);
}

void page_cell_amount(struct page *page, uint64_t amount_minor)
{
	char text[FORMAT_SIZE];

	format_amount(amount_minor, text);
	put_cell(page, json_integer((json_int_t)amount_minor), text);
}

void page_cell_number(struct page *page, uint64_t number)
{
	char text[FORMAT_SIZE] = "";

	if (number != 0)
		format_count((int64_t)number, text);
	put_cell(page, json_integer((json_int_t)number), text);
}

void page_cell_money(struct page *page, int64_t amount_minor)
{
	char text[FORMAT_SIZE];

	format_money(amount_minor, text);
	put_cell(page, json_integer(amount_minor), text);
}

void page_cell_micro(struct page *page, uint64_t micro)
{
	char text[FORMAT_SIZE];

	format_micro(micro, text);
	put_cell(page, json_integer((json_int_t)micro), text);
}

void page_cell_time(struct page *page, uint64_t time_ms)
{
	char text[FORMAT_SIZE];

	format_time(time_ms, text);
	put_cell(page, json_integer((json_int_t)time_ms), text);
}

void page_cell_flag(struct page *page, bool flag)
{
	put_cell(page, json_boolean(flag), flag ? "yes" : "");
}

void page_table_end(struct page *page, const char *nothing)
{
	if (page->width != 0)
		grid_fit(&page->grid, page->width);
	if (json_array_size(page->rows) != 0)
		grid_print(&page->grid, page->stream);
	else if (nothing != NULL)
		page_say(page, "%s", nothing);
	grid_finish(&page->grid);
	page->rows = NULL;
	page->row = NULL;
}

/* --- files ---------------------------------------------------------------- */

void page_verbatim(struct page *page, const char *key, struct bytes text)
{
	set(page, key, json_stringn((const char *)text.data, text.size));
	(void)fwrite(text.data, 1, text.size, page->stream);
}

/* One more of the array `key`, which is made with its first. Takes `value`. */
static void append(struct page *page, const char *key, json_t *value)
{
	json_t *array = json_object_get(page->object, key);

	if (array == NULL) {
		array = json_array();
		set(page, key, array);
	}
	if (page->has_failed)
		json_decref(value);
	else if (json_array_append_new(array, value) != 0)
		page->has_failed = true;
}

void page_sentence(struct page *page, const char *key, const char *text)
{
	append(page, key, json_string(text));
	page_wrapped(page, 0, text);
}

void page_warning(struct page *page, const char *file, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE + 256];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	append(page, "warnings", json_string(text));
	page_say(page, "%s: warning: %s", file, text);
}

/* --- faults --------------------------------------------------------------- */

void page_text_fault(struct page *page, const char *file, unsigned line,
    unsigned column, const char *text)
{
	if (page->is_json)
		append(page, "faults",
		    json_pack("{sIsIss}", "line", (json_int_t)line, "column",
			(json_int_t)column, "say", text));
	else if (line == 0)
		printf("%s: %s\n", file, text);
	else if (column == 0)
		printf("%s:%u: %s\n", file, line, text);
	else
		printf("%s:%u:%u: %s\n", file, line, column, text);
}

void page_fault(
    struct page *page, uint64_t sequence, const char *kind, const char *text)
{
	if (page->is_json)
		append(page, "faults",
		    json_pack("{sIssss}", "entry", (json_int_t)sequence, "kind",
			kind, "say", text));
	else if (sequence == 0)
		printf("ledger: %s: %s\n", kind, text);
	else
		printf("entry %" PRIu64 ": %s: %s\n", sequence, kind, text);
}
