/*
 * lawbook: a shop without a server: the law and the book alone.
 *
 * Whatever is done goes the whole way of a ledger: decided, encoded, decoded,
 * checked by the law as an auditor does, and applied. The records are kept, so
 * that all of it can be replayed. A fault on the way ends the test.
 */
#ifndef TESTS_SUPPORT_LAWBOOK_H
#define TESTS_SUPPORT_LAWBOOK_H

#include "common/law/law.h"

#define LAWBOOK_PLAIN_TILL 1u
#define LAWBOOK_SHOP_TILL 2u /* of the shop LAWBOOK_SHOP */
#define LAWBOOK_SHOP "flagship"

struct lawbook {
	struct book *book;
	uint64_t now_ms;
	uint64_t counters[LAWBOOK_SHOP_TILL + 1]; /* by terminal */
	struct buffer records; /* (size u32, record) one after another */
	uint64_t count;
	struct decision decision;
	struct entry entry; /* the last one; its views borrow from `last` */
	uint8_t last[ENTRY_SIZE_MAX];
	struct error err;
};

/* A shop with these rules and its two tills, opened at `now_ms`. */
void lawbook_open(struct lawbook *lawbook, const char *rules, uint64_t now_ms);
void lawbook_close(struct lawbook *lawbook);

/* A command of `terminal` with its next counter; 0 is the owner. */
struct command lawbook_command(
    struct lawbook *lawbook, enum entry_kind kind, uint32_t terminal);
/* Do it. REFUSAL_NONE: `entry` is what came of it. */
enum refusal_code lawbook_do(
    struct lawbook *lawbook, const struct command *command);
void lawbook_enrol(struct lawbook *lawbook, uint64_t account);
/* Everything that is due at `now_ms`. */
void lawbook_night(struct lawbook *lawbook);

/* Replay all records into a fresh book: it is to be the same one. */
void lawbook_replay(struct lawbook *lawbook);

#endif
