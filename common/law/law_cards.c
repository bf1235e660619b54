/*
 * law_cards: owns which cards a member has, and which of them are blocked.
 *
 * In the chain a card is a random number; the enrolment's is 0. A card that was
 * lost or replaced is blocked and stays known, so that it can be found, and
 * counts towards the limit.
 */
#include "common/law/law_inside.h"

struct card {
	bool is_known;
	bool is_blocked;
};

static struct card find_card(const struct book_member *member, uint64_t number)
{
	const struct book_extra *extra = member->extra;
	struct card card = {.is_known = number == 0};

	if (extra == NULL)
		return card;
	if (number == 0)
		card.is_blocked = extra->is_card_blocked;
	for (uint32_t index = 0; number != 0 && index < extra->card_count;
	     index++) {
		if (extra->cards[index] != number)
			continue;
		card.is_known = true;
		card.is_blocked = extra->blocked_cards & 1u << index;
	}
	return card;
}

/* A further card: its number is drawn by the server, and committed to. */
static bool add_card(
    struct deciding *deciding, const struct book_member *member)
{
	if (law_is_zero(hash_view(&deciding->command->commitment)))
		return law_refuse_malformed(
		    deciding, "a new card's commitment is missing");
	if (deciding->command->card > ACCOUNT_MEMBER_MAX)
		return law_refuse_malformed(
		    deciding, "a card's number is out of range");
	if (member->extra != NULL && member->extra->card_count >= CARDS_MAX)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "This member has had %u further cards, and no more are "
		    "kept. Use one of them.",
		    CARDS_MAX);
	deciding->entry->commitment = deciding->command->commitment;
	deciding->entry->has |= ENTRY_HAS(TAG_COMMITMENT);
	return true;
}

static bool unblock(struct deciding *deciding, const struct card *card)
{
	if (!law_is_zero(hash_view(&deciding->command->commitment)))
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "The member has this card already.");
	if (!card->is_blocked)
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "This card is not blocked. Use it.");
	return true;
}

static bool block(struct deciding *deciding, const struct card *card)
{
	if (!law_is_zero(hash_view(&deciding->command->commitment)))
		return law_refuse_malformed(
		    deciding, "a blocked card is not committed to");
	if (!card->is_known)
		return law_refuse(deciding, REFUSAL_NOT_FOUND,
		    "The member has no such card.");
	if (card->is_blocked)
		return law_refuse(deciding, REFUSAL_CARD_BLOCKED,
		    "This card is blocked already.");
	return true;
}

static bool may_change(struct deciding *deciding,
    const struct book_member *member, const struct card *card)
{
	if (deciding->command->standing == STANDING_REVOKED)
		return block(deciding, card);
	return card->is_known ? unblock(deciding, card)
			      : add_card(deciding, member);
}

/* Cards are the member's own, also while it pools. */
bool law_decide_card(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_member *member;
	struct card card;

	if (command->standing != STANDING_ACTIVE &&
	    command->standing != STANDING_REVOKED)
		return law_refuse_malformed(deciding,
		    "a card is added, blocked or unblocked, nothing else");
	if (!law_take_reason(deciding))
		return false;
	member = law_find_self(deciding, command->account);
	if (member == NULL)
		return false;
	card = find_card(member, command->card);
	if (!may_change(deciding, member, &card))
		return false;
	law_name_member(deciding, member);
	deciding->entry->card = command->card;
	deciding->entry->standing = command->standing;
	deciding->entry->has |= ENTRY_HAS(TAG_CARD) | ENTRY_HAS(TAG_STATUS);
	return true;
}
