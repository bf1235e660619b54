/*
 * verbs: owns what every verb does on its way to the shop and back.
 */
#include "server/tally/verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"
#include "server/tally/pin.h"

const char *verb_shop(const struct asked *asked)
{
	const char *named = getenv("TALLY_SHOP");

	if (asked->shop != NULL)
		return asked->shop;
	return named != NULL && named[0] != '\0' ? named : ".";
}

static int fail_with(struct page *page, const struct error *error)
{
	return page_fail(page, result_name(error->result), "%s", error->text);
}

int verb_open(
    const struct asked *asked, struct page *page, struct call **ret_call)
{
	const char *path = verb_shop(asked);
	struct error error;
	enum result result = call_open(path, ret_call, &error);

	if (result == RESULT_OK)
		return EXIT_FINE;
	if (result == RESULT_NOT_FOUND && strcmp(path, ".") == 0)
		return page_fail(page, result_name(result),
		    "the current folder is no shop: name one with -s SHOP, or "
		    "in TALLY_SHOP");
	return fail_with(page, &error);
}

int verb_ask(struct page *page, struct call *call, tally_Request *request,
    pb_size_t wanted, tally_Reply *ret_reply)
{
	struct refusal refusal;
	struct error error;

	if (call_ask(call, request, ret_reply, &error) != RESULT_OK)
		return fail_with(page, &error);
	if (ret_reply->which_body == wanted)
		return EXIT_FINE;
	if (ret_reply->which_body != tally_Reply_refusal_tag)
		return page_fail(page, "invalid",
		    "the server answered something else than was asked");
	message_refusal(ret_reply, &refusal);
	return page_refuse(page, &refusal);
}

int verb_close(struct page *page, struct call *call, int code)
{
	struct error error;

	if (call_close(call, &error) == RESULT_OK || code != EXIT_FINE)
		return code;
	return fail_with(page, &error);
}

int verb_once(const struct asked *asked, struct page *page,
    tally_Request *request, pb_size_t wanted, tally_Reply *ret_reply)
{
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	code = verb_ask(page, call, request, wanted, ret_reply);
	return verb_close(page, call, code);
}

/* --- what was typed ------------------------------------------------------- */

bool verb_copy(struct page *page, const char *what, char *to, size_t size,
    const char *from)
{
	size_t length = strlen(from);

	if (length == 0 || length >= size) {
		page_fail(page, "usage", "%s is 1 to %zu bytes long, not %zu",
		    what, size - 1, length);
		return false;
	}
	if (!bytes_are_text(bytes_of_string(from), NULL)) {
		page_fail(page, "usage", "%s is no readable text", what);
		return false;
	}
	memcpy(to, from, length + 1);
	return true;
}

bool verb_number(struct page *page, const char *what, const char *text,
    uint64_t least, uint64_t most, uint64_t *ret_number)
{
	char *end = NULL;
	unsigned long long number = 0;
	bool is_number = text[0] >= '0' && text[0] <= '9';

	errno = 0;
	if (is_number)
		number = strtoull(text, &end, 10);
	if (is_number && errno == 0 && *end == '\0' && number >= least &&
	    number <= most) {
		*ret_number = number;
		return true;
	}
	page_fail(page, "usage",
	    "%s is a whole number from %" PRIu64 " to %" PRIu64 ", not '%.40s'",
	    what, least, most, text);
	return false;
}

static enum result ask_twice(char *to, size_t size, struct error *err)
{
	char again[PIN_SIZE_MAX + 2];
	bool is_same;
	enum result result = pin_ask("PIN: ", to, size, err);

	if (result == RESULT_OK)
		result = pin_ask("The same again: ", again, sizeof(again), err);
	if (result != RESULT_OK)
		return result;
	is_same = strcmp(to, again) == 0;
	crypto_wipe(again, sizeof(again));
	if (is_same)
		return RESULT_OK;
	return error_set(err, RESULT_INVALID,
	    "the two PINs are not the same; nothing was changed");
}

static enum result read_pin(
    const char *given, char *to, size_t size, struct error *err)
{
	if (given == NULL)
		return pin_can_ask() ? ask_twice(to, size, err)
				     : pin_read_line(to, size, err);
	if (strlen(given) >= size)
		return error_set(err, RESULT_INVALID, "the PIN is too long");
	memcpy(to, given, strlen(given) + 1);
	return RESULT_OK;
}

bool verb_pin(struct page *page, const char *given, char *to, size_t size)
{
	struct error error;
	size_t length;

	if (read_pin(given, to, size, &error) != RESULT_OK) {
		page_fail(page, "usage", "%s", error.text);
		return false;
	}
	length = strlen(to);
	if (length >= PIN_SIZE_MIN && length <= PIN_SIZE_MAX &&
	    strspn(to, "0123456789") == length)
		return true;
	page_fail(page, "usage", "a PIN is %u to %u digits", PIN_SIZE_MIN,
	    PIN_SIZE_MAX);
	return false;
}
