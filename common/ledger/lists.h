/*
 * lists: what an entry holds more than one of: lines, parts, lots, backs.
 *
 * Each is the value of one tag: its elements one after another to the value's
 * end, at least one. One encoding for each meaning; big-endian.
 *
 *     lines (tag 10)  size u8, category; size u8, product; quantity u32;
 *                     amount i64, minor units. At most LINES_MAX.
 *     parts (tag 11)  rule u8, the rule's place in its programme from 0;
 *                     points u64, in millionths, 0 … PART_MICRO_MAX. Rules
 *                     ascend, each below RULES_MAX.
 *     lots  (tag 12)  expiry i32, active i32, points u64. In the order of
 *                     (expiry, active) as signed numbers; each pair once;
 *                     points 1 … BALANCE_POINTS_MAX. At most LOTS_MAX.
 *     backs (tag 28)  line u8, the place in the sale's lines from 0; quantity
 *                     u32; amount i64. Lines ascend, each below LINES_MAX.
 *
 * A category or product is text as bytes_are_text() without control characters,
 * at most LINE_NAME_SIZE_MAX bytes, and may be empty; quantity is 0 …
 * LINE_QUANTITY_MAX; an amount is within ±AMOUNT_MINOR_MAX.
 *
 * Pure; reads and writes the caller's bytes.
 */
#ifndef COMMON_LEDGER_LISTS_H
#define COMMON_LEDGER_LISTS_H

#include "common/base/bytes.h"
#include "common/base/limits.h"

/* One line of a sale. A negative amount is a discount. */
struct sale_line {
	struct bytes category; /* borrowed */
	struct bytes product;  /* borrowed */
	uint32_t quantity;     /* items; 0 for what is not counted */
	int64_t amount_minor;  /* of all of them together, as paid */
};

/* What comes back of one line of a sale. */
struct back {
	uint8_t line; /* place in the sale's lines */
	uint32_t quantity;
	int64_t amount_minor;
};

#define PART_MICRO_MAX (POINTS_MAX * 1000000u)

/* What one rule gave, before the sum is made whole. */
struct part {
	uint8_t rule; /* place in the programme's rules */
	uint64_t points_micro;
};

/*
 * Points with the same stamps. Days are counted from 1970-01-01 in the
 * programme's time zone. `active_day` is the first on which they can be spent
 * (0: at once). `expiry_day` is the last; LOT_NEVER is never; a negative number
 * -N is the Nth day after the member's last activity.
 */
#define LOT_NEVER 0x7fffffff
#define LOT_SIZE 16u  /* bytes, encoded */
#define PART_SIZE 9u  /* bytes, encoded */
#define BACK_SIZE 13u /* bytes, encoded */
struct lot {
	int32_t expiry_day;
	int32_t active_day;
	uint64_t points;
};

#define LINES_SIZE_MAX (LINES_MAX * (2 * LINE_NAME_SIZE_MAX + 14))
#define BACKS_SIZE_MAX (LINES_MAX * BACK_SIZE)
#define PARTS_SIZE_MAX (RULES_MAX * PART_SIZE)
#define LOTS_SIZE_MAX (LOTS_MAX * LOT_SIZE)

/* A whole list is well-formed: the one encoding of a meaning, within limits. */
bool lines_are_sound(struct bytes lines);
bool parts_are_sound(struct bytes parts);
bool lots_are_sound(struct bytes lots);
bool backs_are_sound(struct bytes backs);

/* The next element of a sound list; false at its end. */
bool sale_line_read(struct reader *reader, struct sale_line *ret_line);
bool part_read(struct reader *reader, struct part *ret_part);
bool lot_read(struct reader *reader, struct lot *ret_lot);
bool back_read(struct reader *reader, struct back *ret_back);

void sale_line_write(struct writer *writer, const struct sale_line *line);
void part_write(struct writer *writer, const struct part *part);
void lot_write(struct writer *writer, const struct lot *lot);
void back_write(struct writer *writer, const struct back *back);

/* Sum of a sound list. */
int64_t lines_amount_minor(struct bytes lines);
uint64_t lots_points(struct bytes lots);

#endif
