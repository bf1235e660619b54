/*
 * details: the private rows of members, their bytes and their commitments.
 * Above: directory, command, audit. Below: store's private rows.
 *
 * Private details never enter the chain. An entry holds a salted commitment to
 * them, and a row that can be erased holds the salt and the details:
 *
 *   PRIVATE_CARD, id = account: the card of the enrolment (ENROL)
 *     version u8 = 1 | salt[32] | number size u8 | number
 *     SHA-256("tally card v1" || 0x00 || salt || account u64 || number)
 *   PRIVATE_MORE_CARD, id = the card's random number in the chain (CARD)
 *     version u8 = 1 | salt[32] | account u64 | number size u8 | number
 *     SHA-256("tally more card v1" || 0x00 || salt || account u64 || card u64
 *         || number)
 *   PRIVATE_MEMBER, id = account: who it is (MEMBER)
 *     version u8 = 1 | salt[32] | name size u8 | name | phone size u8 | phone |
 *         birthday u16 (100 × month + day; 0 is none)
 *     SHA-256("tally member v1" || 0x00 || salt || account u64 || name size u8
 *         || name || phone size u8 || phone || birthday u16)
 *
 * Each domain is hashed with its NUL. Name and phone may be empty.
 */
#ifndef SERVER_DETAILS_H
#define SERVER_DETAILS_H

#include "common/base/hash.h"
#include "common/base/limits.h"
#include "server/store.h"

#define CARD_ROW_SIZE_MAX (34u + CARD_SIZE_MAX)
#define MORE_CARD_ROW_SIZE_MAX (CARD_ROW_SIZE_MAX + 8u)
#define MEMBER_ROW_SIZE_MAX (37u + NAME_SIZE_MAX + PHONE_SIZE_MAX)

struct card_row {
	uint8_t salt[32];
	char number[CARD_SIZE_MAX + 1];
};

struct more_card_row {
	uint8_t salt[32];
	uint64_t account;
	char number[CARD_SIZE_MAX + 1];
};

struct member_row {
	uint8_t salt[32];
	char name[NAME_SIZE_MAX + 1];
	char phone[PHONE_SIZE_MAX + 1];
	uint16_t birthday; /* 100 × month + day; 0 is none */
};

/* RESULT_INVALID for any bytes that the encoder does not write. */
enum result card_row_decode(
    struct bytes body, struct card_row *ret_row, struct error *err);
enum result more_card_row_decode(
    struct bytes body, struct more_card_row *ret_row, struct error *err);
enum result member_row_decode(
    struct bytes body, struct member_row *ret_row, struct error *err);

/* A view of `ret_body`. */
struct bytes card_row_encode(
    const struct card_row *row, uint8_t ret_body[CARD_ROW_SIZE_MAX]);
struct bytes more_card_row_encode(
    const struct more_card_row *row, uint8_t ret_body[MORE_CARD_ROW_SIZE_MAX]);
struct bytes member_row_encode(
    const struct member_row *row, uint8_t ret_body[MEMBER_ROW_SIZE_MAX]);

/* What the chain holds of it. */
struct hash card_row_commitment(
    struct hasher *hasher, const struct card_row *row, uint64_t account);
struct hash more_card_row_commitment(
    struct hasher *hasher, const struct more_card_row *row, uint64_t card);
struct hash member_row_commitment(
    struct hasher *hasher, const struct member_row *row, uint64_t account);

/* A day of the year as MMDD, 29 February included. 0 is none, and good. */
bool birthday_is_good(uint32_t birthday);

#endif
