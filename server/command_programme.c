/*
 * command_programme: a whole new programme from the owner.
 *
 * Its text may be longer than a request, so the owner's command leaves it in
 * the shop's folder and asks with its hash: what comes into force is what was
 * checked there, or nothing. The folder is the owner's own, as the socket is.
 */
#include <unistd.h>

#include "proto/file.h"
#include "server/command_inside.h"

static enum result refuse_file(
    struct asking *asking, const struct error *why, struct error *err)
{
	switch (why->result) {
	case RESULT_NO_MEMORY:
		return error_no_memory(err);
	case RESULT_NOT_FOUND:
		return command_refuse(asking, REFUSAL_NOT_FOUND,
		    "There is no %s in the shop's folder. Try again: tally "
		    "programme put FILE",
		    SHOP_PROGRAMME_NEW);
	case RESULT_LIMIT:
		return command_refuse(asking, REFUSAL_LIMIT,
		    "A programme is at most %u bytes long.",
		    ENTRY_TEXT_SIZE_MAX);
	default:
		return command_refuse(
		    asking, REFUSAL_STORAGE, "Not done: %s.", why->text);
	}
}

static bool hash_is_asked(struct asking *asking, struct bytes text)
{
	const tally_ProgrammePut *put = &asking->request->body.programme_put;
	struct hash hash = hash_plain(asking->shop->hasher, text);

	return bytes_equal(
	    hash_view(&hash), bytes_of(put->hash.bytes, put->hash.size));
}

/* The law judges the text itself, as it judges that of `tallyd init`. */
static enum result put_text(
    struct asking *asking, struct bytes text, struct error *err)
{
	struct command command = {.kind = ENTRY_PROGRAMME, .text = text};
	const struct book_programme *current =
	    book_programme(ledger_book(asking->shop->ledger));
	uint64_t entry;
	enum result result;

	if (!hash_is_asked(asking, text))
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "The %s in the shop's folder is another than was meant. "
		    "Try again: tally programme put FILE",
		    SHOP_PROGRAMME_NEW);
	if (current != NULL && bytes_equal(current->text, text))
		return command_refuse(asking, REFUSAL_EXISTS,
		    "These rules are in force already, since entry %llu; "
		    "nothing was changed.",
		    (unsigned long long)current->sequence);
	result = command_stage_own(asking, &command, NULL, &entry, err);
	if (result != RESULT_OK || entry == 0)
		return result;
	asking->reply->which_body = tally_Reply_done_tag;
	asking->reply->body.done.entry = entry;
	return RESULT_OK;
}

enum result command_programme_put(struct asking *asking, struct error *err)
{
	char path[SHOP_PATH_SIZE_MAX];
	struct buffer text = {0};
	struct error why;
	enum result result =
	    shop_file(asking->shop->path, SHOP_PROGRAMME_NEW, path, &why);

	if (result == RESULT_OK)
		result = file_read(path, &text, &why);
	if (result == RESULT_OK)
		result = put_text(asking, buffer_view(&text), err);
	else
		result = refuse_file(asking, &why, err);
	buffer_finish(&text);
	return result;
}

void command_programme_done(struct shop *shop)
{
	char path[SHOP_PATH_SIZE_MAX];

	if (shop_file(shop->path, SHOP_PROGRAMME_NEW, path, NULL) == RESULT_OK)
		(void)unlink(path);
}
