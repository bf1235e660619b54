/*
 * directory: whose card is whose. Card number -> member's account.
 * Above: command. Below: store's private rows.
 *
 * Private details never enter the chain; the enrol entry holds a commitment,
 * SHA-256("tally card v1" || 0x00 || salt[32] || account u64 || number), and
 * the row holds the salt and the number. Row PRIVATE_CARD, id = account:
 *     version u8 = 1 | salt[32] | number size u8 | number
 * In memory a card takes about 40 bytes. One thread owns a directory.
 */
#ifndef SERVER_DIRECTORY_H
#define SERVER_DIRECTORY_H

#include "common/base/hash.h"
#include "server/store.h"

#define CARD_ROW_SIZE_MAX (34u + CARD_SIZE_MAX)

struct directory;

enum result directory_create(
    struct directory **ret_directory, struct error *err);
void directory_destroy(struct directory *directory);
/* Read all cards in; what was there before is forgotten. RESULT_CORRUPT. */
enum result directory_load(
    struct directory *directory, struct store *store, struct error *err);

/* The account of a canonical number (card.h), 0 where there is none. */
uint64_t directory_find(const struct directory *directory, const char *number);
enum result directory_add(struct directory *directory, const char *number,
    uint64_t account, struct error *err);

/* A private row, parsed or made. */
struct card_row {
	uint8_t salt[32];
	char number[CARD_SIZE_MAX + 1];
};
enum result card_row_decode(
    struct bytes body, struct card_row *ret_row, struct error *err);
struct bytes card_row_encode(
    const struct card_row *row, uint8_t ret_body[CARD_ROW_SIZE_MAX]);
struct hash card_row_commitment(
    struct hasher *hasher, const struct card_row *row, uint64_t account);

#endif
