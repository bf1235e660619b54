/*
 * verbs_member: all that there is of one member.
 */
#include <stdio.h>
#include <string.h>

#include "server/tally/format.h"
#include "server/tally/phrase.h"
#include "server/tally/verbs.h"

/* What moves no points does not say a balance: it is that of the line before.
 */
static int64_t balance_at(const tally_MemberShowReply *member, size_t place)
{
	while (place + 1 < member->lines_count &&
	       member->lines[place].points == 0 &&
	       member->lines[place].balance == 0)
		place++;
	return member->lines[place].balance;
}

static void put_history(struct page *page, const tally_MemberShowReply *member)
{
	static const struct column columns[] = {{"entry", "Entry", true},
	    {"time_ms", "Time", false}, {"kind", "What", false},
	    {"points", "Points", true}, {"balance", "Balance", true},
	    {"amount", "Amount", true}, {"reward", "Reward", false},
	    {"of_entry", "Of", true}, {"terminal", "Till", true},
	    {"reason", "Reason", false, true}};

	page_table(page, "history", columns, 10);
	for (size_t i = 0; i < member->lines_count; i++) {
		const tally_HistoryLine *line = &member->lines[i];

		page_cell_count(page, (int64_t)line->entry);
		page_cell_time(page, line->time_ms);
		page_cell_text(
		    page, entry_kind_name((enum entry_kind)line->kind));
		page_cell_count(page, line->points);
		page_cell_count(page, balance_at(member, i));
		page_cell_amount(page, line->amount_minor);
		page_cell_text(page, line->reward);
		page_cell_number(page, line->related);
		page_cell_number(page, line->terminal);
		page_cell_text(page, line->reason);
	}
	page_table_end(page, "Nothing has happened yet.");
}

/* --- points and their days ------------------------------------------------ */

static void put_lots(struct page *page, const tally_MemberShowReply *member)
{
	static const struct column columns[] = {{"points", "Points", true},
	    {"until", "Until the end of", false},
	    {"from", "Not before", false}};

	page_say(page, "%s", "");
	page_table(page, "lots", columns, 3);
	for (size_t i = 0; i < member->lots_count; i++) {
		const tally_LotLine *lot = &member->lots[i];

		page_cell_count(page, (int64_t)lot->points);
		page_cell_text(page, lot->until);
		page_cell_text(page, lot->from);
	}
	page_table_end(page, "There are no points.");
	if (member->lots_more != 0)
		page_say(page, "And %u more.", (unsigned)member->lots_more);
}

/* Where all points are alike, the balance has said it. */
static bool has_days(const tally_MemberShowReply *member)
{
	return member->lots_count > 1 ||
	       (member->lots_count == 1 &&
		   (member->lots[0].until[0] != '\0' ||
		       member->lots[0].from[0] != '\0'));
}

static void put_holds(struct page *page, const tally_MemberShowReply *member)
{
	static const struct column columns[] = {{"entry", "Held by", true},
	    {"points", "Points", true}, {"until_ms", "Until", false}};

	page_say(page, "%s", "");
	page_table(page, "holds", columns, 3);
	for (size_t i = 0; i < member->holds_count; i++) {
		page_cell_count(page, (int64_t)member->holds[i].entry);
		page_cell_count(page, (int64_t)member->holds[i].points);
		page_cell_time(page, member->holds[i].until_ms);
	}
	page_table_end(page, "Nothing is held.");
}

/* --- the member ----------------------------------------------------------- */

/* A label for what is there, none for what is not: JSON has it either way. */
static const char *label_if(bool is_there, const char *label)
{
	return is_there ? label : NULL;
}

static void put_details(struct page *page, const tally_MemberShowReply *member)
{
	char birthday[FORMAT_SIZE] = "";

	if (member->birthday != 0)
		(void)snprintf(birthday, sizeof(birthday), "%02u-%02u",
		    (unsigned)member->birthday / 100 % 100,
		    (unsigned)member->birthday % 100);
	page_text(page, "name", label_if(member->name[0] != '\0', "Name"),
	    member->name);
	page_text(page, "phone", label_if(member->phone[0] != '\0', "Phone"),
	    member->phone);
	page_text(page, "birthday", label_if(birthday[0] != '\0', "Birthday"),
	    birthday);
}

static void put_segments(struct page *page, const tally_MemberShowReply *member)
{
	struct phrase phrase = {.size = 0};

	phrase_list(&phrase);
	for (pb_size_t i = 0; i < member->segments_count; i++)
		phrase_piece(&phrase, "%s", member->segments[i].id);
	if (member->segments_more != 0)
		phrase_piece(
		    &phrase, "and %u more", (unsigned)member->segments_more);
	page_text(page, "segments", label_if(phrase.pieces != 0, "Segments"),
	    phrase.text);
}

static void put_standing(struct page *page, const tally_MemberShowReply *member)
{
	char with[FORMAT_SIZE];

	(void)snprintf(
	    with, sizeof(with), "%llu", (unsigned long long)member->pools_with);
	page_flag(page, "blocked", label_if(member->blocked, "Card blocked"),
	    member->blocked);
	page_text(page, "pools_with",
	    label_if(member->pools_with != 0, "Pools with"),
	    member->pools_with == 0 ? "" : with);
	page_count(page, "balance", "Balance", member->balance);
	page_count(page, "spendable",
	    label_if(
		(int64_t)member->spendable != member->balance, "Can be spent"),
	    (int64_t)member->spendable);
	page_count(page, "pending", label_if(member->pending != 0, "Pending"),
	    (int64_t)member->pending);
	page_text(page, "tier", label_if(member->tier[0] != '\0', "Tier"),
	    member->tier);
	page_text(page, "tier_until",
	    label_if(member->tier_until[0] != '\0', "Tier until"),
	    member->tier_until);
}

static void put_member(struct page *page, const tally_MemberShowReply *member)
{
	char account[24];

	(void)snprintf(account, sizeof(account), "%llu",
	    (unsigned long long)member->account);
	page_text(page, "card", "Card", member->card);
	page_text(page, "account", "Account", account);
	put_details(page, member);
	put_segments(page, member);
	put_standing(page, member);
	page_time(page, "enrolled_ms", "Member since", member->enrolled_ms);
	page_number(page, "last_entry", "Last entry", member->last_entry);
	page_flag(
	    page, "commitment_holds", "Card proven", member->commitment_holds);
	if (has_days(member) || page_is_json(page))
		put_lots(page, member);
	if (member->holds_count != 0 || page_is_json(page))
		put_holds(page, member);
	page_say(page, "%s", "");
	put_history(page, member);
}

int run_member_show(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_member_show_tag};
	tally_Reply reply;
	int code;

	if (!verb_copy(page, "CARD", request.body.member_show.card,
		sizeof(request.body.member_show.card), asked->positionals[0]))
		return EXIT_FAILED;
	code = verb_once(
	    asked, page, &request, tally_Reply_member_show_tag, &reply);
	if (code == EXIT_FINE)
		put_member(page, &reply.body.member_show);
	return code;
}
