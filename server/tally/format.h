/*
 * format: numbers and times as people read them, and long texts.
 */
#ifndef SERVER_TALLY_FORMAT_H
#define SERVER_TALLY_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FORMAT_SIZE 48u /* bytes that any of these needs, with the NUL */

/* "-1,234,567". */
void format_count(int64_t count, char ret_text[FORMAT_SIZE]);
/* "1,234.50"; "" for 0, which stands for no amount. */
void format_amount(uint64_t amount_minor, char ret_text[FORMAT_SIZE]);
/* The same with "0.00" for 0, and signed. */
void format_money(int64_t amount_minor, char ret_text[FORMAT_SIZE]);
/* "12.5" of 12,500,000 millionths: as many decimals as it takes. */
void format_micro(uint64_t micro, char ret_text[FORMAT_SIZE]);
/* "2026-02-28 23:59:59" here, in local time; "" for 0. */
void format_time(uint64_t time_ms, char ret_text[FORMAT_SIZE]);

/* Digits alone, up to INT64_MAX. False: it is none. */
bool format_read_count(const char *text, uint64_t *ret_count);
/* "2026-02-28", "2026-02-28 17:30" or "2026-02-28 17:30:05", in local
 * time: its last millisecond. False: it is no such time. */
bool format_read_time(const char *text, uint64_t *ret_time_ms);

/* A text that has filled its `size` bytes, and is longer: end it with "…" after
 * a whole character. */
void format_cut(char *text, size_t size);
/* Text broken at blanks to lines of `width`, each after `indent` blanks. */
void format_wrapped(FILE *to, const char *text, size_t indent, size_t width);

#endif
