/*
 * entry_inside: what the record's bytes (entry.c) and its meaning
 * (entry_rules.c) share, and nobody else.
 */
#ifndef COMMON_LEDGER_ENTRY_INSIDE_H
#define COMMON_LEDGER_ENTRY_INSIDE_H

#include "common/ledger/entry.h"

#define TAG_MAX TAG_WHOSE
#define HAS(tag) ENTRY_HAS(tag)

/* Times are kept where a signed 64-bit column holds them. */
#define TIME_MS_MAX 0x7fffffffffffffffull

struct entry_field {
	const char *name;
	uint16_t size_min;
	uint16_t size_max;
};

/* By tag. */
extern const struct entry_field entry_fields[TAG_MAX + 1];

/* The field of a tag whose size is its own to choose; NULL for others. */
const struct bytes *entry_view(const struct entry *entry, unsigned tag);

/* RESULT_INVALID, with the entry and `name` in `err`. */
enum result entry_refuse(const struct entry *entry, const char *name,
    const char *what, struct error *err);

/* Everything that is asked of a meaning, in one order for both ways. */
enum result entry_check(const struct entry *entry, struct error *err);

static inline unsigned entry_lowest_bit(uint32_t bits)
{
	return (unsigned)__builtin_ctz(bits);
}

#endif
