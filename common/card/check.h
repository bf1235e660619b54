/*
 * check: the check digits and characters of card numbers.
 *
 * Pure. Every function but check_character() takes decimal digits only; that
 * they are digits is for the caller to have seen (asserted).
 */
#ifndef COMMON_CARD_CHECK_H
#define COMMON_CARD_CHECK_H

#include <stdbool.h>

#include "common/base/bytes.h"

/* True where every byte is '0' to '9'; false for an empty view. */
bool check_is_digits(struct bytes text);

/* GS1 General Specifications 7.9: modulo 10, weights 3 and 1 from the right,
 * the check digit last. Any length, as in EAN, UPC-A, ITF-14 and GSRN. */
bool check_gs1_holds(struct bytes digits);

/* ISO/IEC 7812-1 annex B (Luhn): every second digit from the right doubled. */
bool check_luhn_holds(struct bytes digits);

/* True for the eight digits of a UPC-E code: number system 0 or 1, six
 * digits, and the check digit of the UPC-A that they stand for (GS1 General
 * Specifications 5.2.2.4.2). Other lengths are false. */
bool check_upc_e_holds(struct bytes digits);

/* The modulo-43 character of ISO/IEC 16388 annex A for `text`, or 0 where
 * `text` has a character that Code 39 has not (lower case among them). */
char check_character(struct bytes text);

#endif
