/*
 * verbs_shop: rewards, the ledger's head, and checkpoints.
 */
#include <stdio.h>
#include <string.h>

#include "common/ledger/checkpoint.h"
#include "server/tally/rules_say.h"
#include "server/tally/verbs.h"

int run_reward_add(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_reward_add_tag};
	tally_RewardAdd *add = &request.body.reward_add;
	const char *name = asked_option(asked, "--name");
	const char *points = asked_option(asked, "--points");
	tally_Reply reply;
	int code;

	if (name == NULL || points == NULL)
		return page_fail(page, "usage",
		    "reward add wants --name NAME and --points N (see: tally "
		    "help reward add)");
	if (!verb_copy(page, "ID", add->reward, sizeof(add->reward),
		asked->positionals[0]) ||
	    !verb_copy(page, "--name", add->name, sizeof(add->name), name) ||
	    !verb_number(page, "--points", points, 1, POINTS_MAX, &add->points))
		return EXIT_FAILED;
	code = verb_once(asked, page, &request, tally_Reply_done_tag, &reply);
	if (code != EXIT_FINE)
		return code;
	page_text(page, "id", NULL, add->reward);
	page_text(page, "name", NULL, add->name);
	page_count(page, "points", NULL, (int64_t)add->points);
	page_count(page, "entry", NULL, (int64_t)reply.body.done.entry);
	page_say(page, "%s (%s) costs %llu points from entry %llu on.",
	    add->name, add->reward, (unsigned long long)add->points,
	    (unsigned long long)reply.body.done.entry);
	return EXIT_FINE;
}

/* The reward as the programme has it, as far as the reply says it. */
static void say_reward(const tally_Reward *line, struct phrase *phrase)
{
	struct programme_reward reward = {.kind = (enum reward_kind)line->kind,
	    .off_minor = line->off_minor,
	    .off_percent = line->percent,
	    .off_minor_max = line->off_minor,
	    .money_points = line->money_points,
	    .money_minor = line->money_minor,
	    .money_step = line->money_step,
	    .money_share_max = line->percent};

	rules_say_reward(&reward, phrase);
}

static void put_rewards(struct page *page, const tally_RewardsReply *list)
{
	for (size_t i = 0; i < list->rewards_count; i++) {
		struct phrase phrase = {.size = 0};

		say_reward(&list->rewards[i], &phrase);
		page_cell_text(page, list->rewards[i].id);
		page_cell_text(page, list->rewards[i].name);
		page_cell_number(page, list->rewards[i].points);
		page_cell_text(page, phrase.text);
	}
}

int run_reward_list(const struct asked *asked, struct page *page)
{
	static const struct column columns[] = {{"id", "Id", false},
	    {"name", "Name", false, true}, {"points", "Points", true},
	    {"what", "What it is", false, true}};
	tally_Request request = {.which_body = tally_Request_rewards_tag};
	tally_Reply reply;
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	page_table(page, "rewards", columns, 4);
	do {
		code = verb_ask(
		    page, call, &request, tally_Reply_rewards_tag, &reply);
		if (code != EXIT_FINE)
			break;
		put_rewards(page, &reply.body.rewards);
		request.body.rewards.from = reply.body.rewards.next;
	} while (request.body.rewards.from != 0);
	page_table_end(page, "There is no reward yet: tally reward add ID "
			     "--name NAME --points N");
	return verb_close(page, call, code);
}

static void put_ledger(struct page *page, const tally_LedgerShowReply *ledger)
{
	page_text(page, "shop", "Shop", ledger->shop);
	page_text(page, "origin", "Origin", ledger->origin);
	page_text(page, "verifier_key", "Verifier key", ledger->verifier_key);
	page_count(page, "entries", "Entries", (int64_t)ledger->head);
	page_time(page, "head_time_ms", "Newest", ledger->head_time_ms);
	page_hash(page, "head_hash", "Its hash",
	    bytes_of(ledger->head_hash.bytes, ledger->head_hash.size));
	page_hash(page, "root", "Root",
	    bytes_of(ledger->root.bytes, ledger->root.size));
	page_count(page, "members", "Members", (int64_t)ledger->members);
	page_count(page, "terminals", "Terminals", ledger->terminals);
	page_count(page, "cashiers", "Cashiers", ledger->cashiers);
	page_count(page, "issued", "Points issued", ledger->issued);
	page_count(page, "goodwill", "  goodwill", ledger->goodwill);
	page_count(page, "redeemed", "  redeemed", ledger->redeemed);
	page_count(page, "expired", "  expired", ledger->expired);
	page_count(page, "outstanding", "  outstanding", ledger->outstanding);
	page_count(
	    page, "programme", "Programme of", (int64_t)ledger->programme);
}

static void put_newest_checkpoint(
    struct page *page, const tally_LedgerShowReply *ledger)
{
	struct checkpoint checkpoint;
	struct bytes note =
	    bytes_of(ledger->checkpoint.bytes, ledger->checkpoint.size);

	if (checkpoint_parse(note, &checkpoint, NULL) != RESULT_OK)
		checkpoint.size = 0;
	page_count(page, "checkpoint_entries", "Checkpoint of",
	    (int64_t)checkpoint.size);
}

int run_ledger_show(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_ledger_show_tag};
	tally_Reply reply;
	int code = verb_once(
	    asked, page, &request, tally_Reply_ledger_show_tag, &reply);

	if (code != EXIT_FINE)
		return code;
	put_ledger(page, &reply.body.ledger_show);
	put_newest_checkpoint(page, &reply.body.ledger_show);
	return EXIT_FINE;
}

/* The note ends with a newline of its own. */
int run_checkpoint(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_checkpoint_tag};
	tally_Reply reply;
	const tally_CheckpointReply *checkpoint = &reply.body.checkpoint;
	char note[CHECKPOINT_SIZE_MAX + 1];
	size_t size;
	int code = verb_once(
	    asked, page, &request, tally_Reply_checkpoint_tag, &reply);

	if (code != EXIT_FINE)
		return code;
	size = checkpoint->note.size;
	memcpy(note, checkpoint->note.bytes, size);
	note[size] = '\0';
	page_count(page, "entries", NULL, (int64_t)checkpoint->size);
	page_text(page, "note", NULL, note);
	if (size != 0 && note[size - 1] == '\n')
		note[size - 1] = '\0';
	page_say(page, "%s", note);
	return EXIT_FINE;
}
