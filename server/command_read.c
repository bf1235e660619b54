/*
 * command_read: rewards, proofs, and the ledger as a whole.
 */
#include <stdio.h>
#include <string.h>

#include "common/ledger/checkpoint.h"
#include "server/command_inside.h"

/* --- rewards ----------------------------------------------------------------
 */

static void fill_reward(
    const struct programme_reward *reward, tally_Reward *line)
{
	*line = (tally_Reward){.points = reward->points,
	    .kind = (uint32_t)reward->kind,
	    .tiers = reward->tiers};
	command_copy_text(line->id, sizeof(line->id), reward->id);
	command_copy_text(line->name, sizeof(line->name), reward->name);
	switch (reward->kind) {
	case REWARD_PRODUCT:
		break;
	case REWARD_AMOUNT_OFF:
		line->off_minor = reward->off_minor;
		break;
	case REWARD_PERCENT_OFF:
		line->percent = reward->off_percent;
		line->off_minor = reward->off_minor_max;
		break;
	case REWARD_MONEY:
		line->percent = reward->money_share_max;
		line->money_points = reward->money_points;
		line->money_minor = reward->money_minor;
		line->money_step = reward->money_step;
		break;
	}
}

enum result command_rewards(struct asking *asking, struct error *err)
{
	const struct book_programme *current =
	    book_programme(ledger_book(asking->shop->ledger));
	tally_RewardsReply *reply = &asking->reply->body.rewards;
	uint32_t from = asking->request->body.rewards.from;

	(void)err;
	asking->reply->which_body = tally_Reply_rewards_tag;
	*reply = (tally_RewardsReply){0};
	if (current == NULL)
		return RESULT_OK;
	reply->programme = current->sequence;
	for (; from < current->programme->reward_count &&
	       reply->rewards_count < REWARDS_PAGE_MAX;
	     from++)
		fill_reward(&current->programme->rewards[from],
		    &reply->rewards[reply->rewards_count++]);
	if (from < current->programme->reward_count)
		reply->next = from;
	return RESULT_OK;
}

/* --- proofs -----------------------------------------------------------------
 */

enum result command_checkpoint(struct asking *asking, struct error *err)
{
	const tally_GetCheckpoint *wanted = &asking->request->body.checkpoint;
	tally_CheckpointReply *reply = &asking->reply->body.checkpoint;
	struct proof inclusion = {.count = 0};
	struct proof consistency = {.count = 0};
	struct note note;
	uint64_t size;
	enum result result = ledger_prove(asking->shop->ledger, wanted->entry,
	    wanted->old_size, &note, &size, &inclusion, &consistency, err);

	if (result == RESULT_NOT_FOUND || result == RESULT_INVALID)
		return command_refuse(asking, REFUSAL_NOT_FOUND,
		    "No checkpoint covers this yet; ask again in a second.");
	if (result != RESULT_OK)
		return result;
	if (inclusion.count * HASH_SIZE > sizeof(reply->inclusion.bytes) ||
	    consistency.count * HASH_SIZE > sizeof(reply->consistency.bytes))
		return error_set(err, RESULT_LIMIT, "a proof is too long");
	asking->reply->which_body = tally_Reply_checkpoint_tag;
	reply->size = size;
	reply->note.size = (pb_size_t)note.size;
	memcpy(reply->note.bytes, note.text, note.size);
	reply->inclusion.size = (pb_size_t)(inclusion.count * HASH_SIZE);
	memcpy(reply->inclusion.bytes, inclusion.hashes,
	    inclusion.count * HASH_SIZE);
	reply->consistency.size = (pb_size_t)(consistency.count * HASH_SIZE);
	memcpy(reply->consistency.bytes, consistency.hashes,
	    consistency.count * HASH_SIZE);
	return RESULT_OK;
}

/* --- the ledger -------------------------------------------------------------
 */

static void fill_totals(const struct book *book, tally_LedgerShowReply *reply)
{
	const struct book_programme *current = book_programme(book);
	struct book_totals totals;

	book_totals(book, &totals);
	reply->members = totals.members;
	reply->terminals = (uint32_t)totals.terminals;
	reply->cashiers = (uint32_t)totals.cashiers;
	reply->issued = -totals.issued_points;
	reply->redeemed = totals.redeemed_points;
	reply->expired = totals.expired_points;
	reply->goodwill = -totals.goodwill_points;
	reply->outstanding = totals.members_points;
	if (current == NULL)
		return;
	reply->programme = current->sequence;
	command_copy_text(
	    reply->shop, sizeof(reply->shop), current->programme->name);
	command_copy_text(reply->programme_name, sizeof(reply->programme_name),
	    current->programme->name);
}

/* Head, hash and root are those that this group leads to: they are durable
 * when the reply is sent. */
enum result command_ledger_show(struct asking *asking, struct error *err)
{
	struct ledger *ledger = asking->shop->ledger;
	const struct book *book = ledger_book(ledger);
	tally_LedgerShowReply *reply = &asking->reply->body.ledger_show;
	struct bytes origin = book_shop_origin(book);
	struct hash head_hash = ledger_head_hash(ledger);
	struct hash root = ledger_root(ledger);
	struct note note;

	*reply = (tally_LedgerShowReply){.head = book_head(book)->sequence,
	    .head_time_ms = book_head(book)->time_ms};
	snprintf(reply->origin, sizeof(reply->origin), "%.*s", (int)origin.size,
	    (const char *)origin.data);
	reply->head_hash.size = HASH_SIZE;
	memcpy(reply->head_hash.bytes, head_hash.bytes, HASH_SIZE);
	reply->root.size = HASH_SIZE;
	memcpy(reply->root.bytes, root.bytes, HASH_SIZE);
	if (ledger_checkpoint(ledger, &note) != 0) {
		reply->checkpoint.size = (pb_size_t)note.size;
		memcpy(reply->checkpoint.bytes, note.text, note.size);
	}
	fill_totals(book, reply);
	asking->reply->which_body = tally_Reply_ledger_show_tag;
	return verifier_key_format(reply->origin, book_shop_key(book)->bytes,
	    reply->verifier_key, err);
}
