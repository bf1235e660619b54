/*
 * print: one answer, as text for a person or as one JSON object.
 *
 * A verb says each thing once; which of the two it becomes was settled when
 * the page was made. Text gathers and is printed by page_end(), all but the
 * faults of an audit, which come as they are found. The only user of jansson.
 *
 * On a terminal nothing but what is given back as it is (page_verbatim) is
 * wider than that, as far as its words allow: its width is COLUMNS where that
 * is set, else its own, else 80. Elsewhere a row or a line is one line, for
 * scripts, however long; sentences and page_wrapped() are broken all the same.
 */
#ifndef SERVER_TALLY_PRINT_H
#define SERVER_TALLY_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/law/law.h"

/* How the program ends. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_REFUSED = 1, /* or a fault was found */
	EXIT_FAILED = 2,  /* wrong command line, or it could not run */
};

struct page;

/* NULL where there is no memory. `verb` is what was asked for. */
struct page *page_create(const char *verb, bool is_json);
/* Print, free, and return `code`, or EXIT_FAILED where printing fails. */
int page_end(struct page *page, int code);
bool page_is_json(const struct page *page);

/* Why not; nothing else is printed then. Each returns the exit code that goes
 * with it. page_fail() is for what could not run. */
__attribute__((format(printf, 3, 4))) int page_fail(
    struct page *page, const char *why, const char *format, ...);
int page_refuse(struct page *page, const struct refusal *refusal);

/* Lines for people alone. What starts with a blank is an example, or something
 * to be copied and typed, and is never broken. */
__attribute__((format(printf, 2, 3))) void page_say(
    struct page *page, const char *format, ...);
/* The same without a format, broken into lines after `indent` blanks. */
void page_wrapped(struct page *page, size_t indent, const char *text);
/* A sentence, broken into lines; one of the array `key` in JSON. */
void page_sentence(struct page *page, const char *key, const char *text);
/* A field: `key` in JSON, `label` in text; either may be NULL. */
void page_text(
    struct page *page, const char *key, const char *label, const char *value);
void page_count(
    struct page *page, const char *key, const char *label, int64_t count);
/* What names an entry or a till: as it is typed, without a comma. */
void page_number(
    struct page *page, const char *key, const char *label, uint64_t number);
/* Minor units in JSON, "12.50" in text. */
void page_amount(struct page *page, const char *key, const char *label,
    int64_t amount_minor);
/* Milliseconds since 1970 in JSON, local time in text. */
void page_time(
    struct page *page, const char *key, const char *label, uint64_t time_ms);
void page_flag(
    struct page *page, const char *key, const char *label, bool flag);
/* Lower-case hexadecimal. */
void page_hash(
    struct page *page, const char *key, const char *label, struct bytes hash);

/* An array of objects under `key`, or a table. Cells are given row by row;
 * page_table_end() says `nothing` where there was none; NULL says nothing. */
struct column {
	const char *key;
	const char *heading; /* NULL: in JSON alone */
	bool is_number;	     /* to the right */
	bool is_text;	     /* may be broken where the table is too wide */
};

void page_table(struct page *page, const char *key,
    const struct column *columns, size_t column_count);
void page_cell_text(struct page *page, const char *value);
void page_cell_count(struct page *page, int64_t count);
void page_cell_amount(struct page *page, uint64_t amount_minor);
/* An entry's or a till's number; "" for 0, which is none. */
void page_cell_number(struct page *page, uint64_t number);
/* "0.00" for 0, and signed. */
void page_cell_money(struct page *page, int64_t amount_minor);
/* Millionths in JSON, "12.5" in text. */
void page_cell_micro(struct page *page, uint64_t micro);
void page_cell_time(struct page *page, uint64_t time_ms);
void page_cell_flag(struct page *page, bool flag);
void page_table_end(struct page *page, const char *nothing);

/* What is given back as it is: text without a NUL, and nothing behind it. */
void page_verbatim(struct page *page, const char *key, struct bytes text);
/* What is odd in a file and stops nothing: "FILE: warning: …", or one of
 * "warnings" in JSON. */
__attribute__((format(printf, 3, 4))) void page_warning(
    struct page *page, const char *file, const char *format, ...);

/* Of the faults of one file; more are counted. */
#define FAULTS_SHOWN_MAX 100u
/* A fault of a file, as compilers print them: "FILE:LINE:COLUMN: …", at once in
 * text. A `line` or `column` of 0 is left out. */
void page_text_fault(struct page *page, const char *file, unsigned line,
    unsigned column, const char *text);
/* A fault that an audit found; printed at once in text. `sequence` 0 is the
 * ledger as a whole. */
void page_fault(
    struct page *page, uint64_t sequence, const char *kind, const char *text);

#endif
