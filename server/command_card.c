/*
 * command_card: further cards of a member, and cards that are lost.
 *
 * The chain knows a further card by a random number; what stands on it is in a
 * private row. A card is replaced by adding the new one and blocking the old.
 */
#include <string.h>

#include "common/base/crypto.h"
#include "server/command_inside.h"

static uint64_t draw_card(void)
{
	uint64_t card;

	do {
		crypto_random(&card, sizeof(card));
		card &= ACCOUNT_MEMBER_MAX; /* ids of rows are positive */
	} while (card == 0);
	return card;
}

/*
 * The card by which the member is known may be blocked: that is what a new one
 * is for. The law wants a supervisor where there are cashiers.
 */
static bool take_owner(
    struct asking *asking, const tally_CardAdd *add, struct command *command)
{
	struct directory_card card;

	if (!command_find_member(asking, add->card, &card) ||
	    !command_name(asking, add->has_operation, &add->operation, command))
		return false;
	command->account = card.account;
	return true;
}

static enum result stage_card(struct asking *asking, struct more_card_row *card,
    struct command *command, struct error *err)
{
	uint8_t body[MORE_CARD_ROW_SIZE_MAX];
	struct store_private row = {
	    .kind = PRIVATE_MORE_CARD, .id = command->card};
	enum result result;
	bool is_new;

	card->account = command->account;
	crypto_random(card->salt, sizeof(card->salt));
	command->commitment =
	    more_card_row_commitment(asking->shop->hasher, card, command->card);
	row.body = more_card_row_encode(card, body);
	result = command_stage(asking, command, &row, &is_new, err);
	if (result == RESULT_OK && is_new)
		result = directory_add(asking->shop->directory, card->number,
		    (struct directory_card){command->account, command->card},
		    err);
	return result;
}

/* A number that is somebody's goes on only where this is the same operation
 * again: what it is decided on is then what it was decided on before. */
enum result command_card_add(struct asking *asking, struct error *err)
{
	const tally_CardAdd *add = &asking->request->body.card_add;
	struct command command = {
	    .kind = ENTRY_CARD, .standing = STANDING_ACTIVE};
	struct directory_card known;
	struct more_card_row card;
	struct entry before;

	if (!command_find_card(asking, add->new_card, card.number, &known) ||
	    !take_owner(asking, add, &command))
		return RESULT_OK;
	command.card = known.card;
	if (known.account == 0)
		command.card = draw_card();
	else if (!command_is_known(asking, &command, &before))
		return command_refuse(asking, REFUSAL_CARD_ENROLLED,
		    "The new card is enrolled already. Take another one.");
	return stage_card(asking, &card, &command, err);
}

enum result command_card_block(struct asking *asking, struct error *err)
{
	const tally_CardBlock *block = &asking->request->body.card_block;
	struct command command = {.kind = ENTRY_CARD,
	    .standing = block->unblock ? STANDING_ACTIVE : STANDING_REVOKED,
	    .reason = bytes_of_string(block->reason)};
	struct directory_card card;
	bool is_new;

	if (!command_find_member(asking, block->card, &card) ||
	    !command_name(
		asking, block->has_operation, &block->operation, &command))
		return RESULT_OK;
	command.account = card.account;
	command.card = card.card;
	return command_stage(asking, &command, NULL, &is_new, err);
}
