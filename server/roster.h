/*
 * roster: names, tokens and PINs of terminals and cashiers (private rows).
 * Above: command. Below: store's private rows.
 *
 * Rows:
 *   PRIVATE_TERMINAL, id = number:
 *     version u8 = 2 | name size u8 | name | role u8 | secret hash[32] |
 *     expires ms u64 | shop size u8 | shop
 *     (secret hash and expiry are zero once the token has been used; version 1
 *     ended in front of the shop)
 *   PRIVATE_CASHIER, id = number:
 *     version u8 = 1 | name size u8 | name | role u8 | salt[16] | PIN hash[32]
 * | wrong PINs in a row u8 | locked until ms u64 The chain knows terminals by
 * number, role and key, cashiers by number and role. PINs are scrypt hashes.
 * The roster is small and wholly in memory.
 *
 * Tickets: what a login gives, so that operations waiting in a till's outbox
 * can be sent later: cashier u32 | issued ms u64 | the first 16 bytes of
 * SHA-256(ticket key[32] || "tally ticket" || terminal u32 || cashier u32 ||
 * issued u64). Fixed sizes, so a keyed prefix is safe.
 *
 * Any thread may call; a mutex is inside. Who changes something stages its row
 * first and sets it then, so that a row that could not be staged is not set.
 */
#ifndef SERVER_ROSTER_H
#define SERVER_ROSTER_H

#include "common/base/crypto.h"
#include "common/base/hash.h"
#include "common/ledger/entry.h"
#include "proto/message.h"
#include "proto/token.h"
#include "server/store.h"

#define ROSTER_ROW_SIZE_MAX                                              \
	(1u + 1u + NAME_SIZE_MAX + 1u + 16u + 32u + 1u + 8u + 16u + 1u + \
	    SHOP_ID_SIZE_MAX)

struct roster;

struct roster_terminal {
	uint32_t number;
	char name[NAME_SIZE_MAX + 1];
	enum role role;
	struct hash secret_hash; /* SHA-256 of the token's secret; zero: used */
	uint64_t expires_ms;
	char shop[SHOP_ID_SIZE_MAX + 1]; /* of a chain; may be empty */
};

struct roster_cashier {
	uint32_t number;
	char name[NAME_SIZE_MAX + 1];
	enum role role;
	uint8_t salt[PIN_SALT_SIZE];
	uint8_t pin_hash[PIN_HASH_SIZE];
	uint8_t wrong_count;
	uint64_t locked_until_ms;
};

/* A row ready to be stored. */
struct roster_row {
	struct store_private row; /* body points into `body` below */
	uint8_t body[ROSTER_ROW_SIZE_MAX];
};

enum result roster_create(const uint8_t ticket_key[32],
    struct roster **ret_roster, struct error *err);
void roster_destroy(struct roster *roster);
enum result roster_load(
    struct roster *roster, struct store *store, struct error *err);

/* Copies. RESULT_NOT_FOUND. */
enum result roster_terminal(struct roster *roster, uint32_t number,
    struct roster_terminal *ret_terminal, struct error *err);
enum result roster_cashier(struct roster *roster, uint32_t number,
    struct roster_cashier *ret_cashier, struct error *err);
/* The first with a number above `after`; RESULT_NOT_FOUND at the end. */
enum result roster_terminal_next(struct roster *roster, uint32_t after,
    struct roster_terminal *ret_terminal, struct error *err);
enum result roster_cashier_next(struct roster *roster, uint32_t after,
    struct roster_cashier *ret_cashier, struct error *err);
/* The highest terminal number in the roster (a token may be waiting for one
 * that the chain does not know yet). */
uint32_t roster_terminal_last(struct roster *roster);

/* The row to store. */
void roster_terminal_row(
    const struct roster_terminal *terminal, struct roster_row *ret_row);
void roster_cashier_row(
    const struct roster_cashier *cashier, struct roster_row *ret_row);
/* Add or replace. */
enum result roster_set_terminal(struct roster *roster,
    const struct roster_terminal *terminal, struct error *err);
enum result roster_set_cashier(struct roster *roster,
    const struct roster_cashier *cashier, struct error *err);

/* What the chain holds of a cashier's name: SHA-256("tally cashier v1" || 0x00
 * || salt[16] || number u32 || name), with the salt of the row. */
struct hash roster_cashier_commitment(
    struct hasher *hasher, const struct roster_cashier *cashier);

/* The terminal whose token has this secret, not used and not expired at
 * `now_ms`; RESULT_DENIED. */
enum result roster_token(struct roster *roster,
    const uint8_t secret[TOKEN_SECRET_SIZE], uint64_t now_ms,
    struct roster_terminal *ret_terminal, struct error *err);

/*
 * Tickets. Checking takes about a microsecond. RESULT_DENIED for one that is
 * forged, of another terminal, or older than TICKET_MS_MAX.
 */
void roster_ticket_make(struct roster *roster, uint32_t terminal,
    uint32_t cashier, uint64_t now_ms, uint8_t ret_ticket[TICKET_SIZE]);
enum result roster_ticket_check(struct roster *roster, uint32_t terminal,
    struct bytes ticket, uint64_t now_ms, uint32_t *ret_cashier,
    struct error *err);

#endif
