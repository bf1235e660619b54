/*
 * shop: a shop's folder, and everything in it opened together.
 * Above: tallyd, tally. Below: ledger, directory, roster, store, certificate.
 *
 *     ledger.db            the store (and -wal, -shm beside it)
 *     authority.pem        the shop's certificate authority
 *     server.pem           the server's certificate
 *     keys/                mode 0700, files 0600:
 *         authority.pem server.pem checkpoint ticket
 *     lock                 held (flock) by whoever writes
 *     socket               the owner's, while tallyd runs
 *     programme.new        rules that `tally programme put` is about to ask
 *                          for; gone when they are decided
 *     import.new           opening balances that `tally import` is about to ask
 *                          for; gone when all of them are in
 */
#ifndef SERVER_SHOP_H
#define SERVER_SHOP_H

#include <pthread.h>
#include <stdatomic.h>

#include "proto/channel.h"
#include "common/ledger/lists.h"
#include "server/directory.h"
#include "server/import.h"
#include "server/ledger.h"
#include "server/presence.h"
#include "server/roster.h"

#define SHOP_PATH_SIZE_MAX 4096u
#define SHOP_PROGRAMME_NEW "programme.new"
#define SHOP_IMPORT_NEW "import.new"

/*
 * How far the night has got. A run looks at each member once, in slices; who
 * comes while it runs is looked at as well. It is of the ledger's thread, but
 * for `due_ms`: when the next one is due by the wall clock, 0 is at once.
 */
struct shop_night {
	bool is_running;
	bool is_to_repeat; /* a member that was passed has got points */
	size_t place; /* of the next member, as book_member_at() has them */
	_Atomic uint64_t due_ms;
};

/*
 * The file of opening balances that was read last: by the side worker, which
 * puts it here, and used by the ledger's thread. Either holds the mutex for as
 * long as it looks.
 */
struct shop_import {
	pthread_mutex_t mutex;
	struct import *file; /* NULL where there is none … */
	struct error why;    /* … and why not */
};

struct shop {
	char path[SHOP_PATH_SIZE_MAX];
	int lock; /* file descriptor, -1 where it is not held */
	struct store *store;
	struct ledger *ledger;
	struct directory *directory;
	struct roster *roster;
	struct presence *presence;
	struct hasher *hasher;
	struct key *authority_key;
	struct key *server_key;
	struct buffer authority;   /* DER */
	struct buffer certificate; /* the server's, DER */
	uint8_t seed[SIGN_KEY_SIZE];
	uint8_t ticket_key[32];
	struct buffer record;	       /* scratch for entries read back */
	uint8_t lines[LINES_SIZE_MAX]; /* scratch for lists in commands */
	struct shop_night night;
	struct shop_import import;
};

/*
 * Make a shop: folder, keys, authority, ledger with its first two entries
 * (shop, programme) and a first checkpoint. RESULT_EXISTS where the folder
 * holds one (or anything). A failure on the way removes what was made.
 */
enum result shop_create(
    const char *path, const char *name, uint64_t now_ms, struct error *err);

/*
 * Open for writing: takes the lock (RESULT_BUSY: a server or a tool holds it),
 * verifies and replays the ledger. RESULT_NOT_FOUND where the folder is no
 * shop.
 */
enum result shop_open(
    const char *path, struct shop **ret_shop, struct error *err);
/* Keeps what is dirty, signs a last checkpoint, lets go of the lock. */
enum result shop_close(struct shop *shop, uint64_t now_ms, struct error *err);
/* Without a write: after an append of unknown outcome. */
void shop_abandon(struct shop *shop);
/* After APPEND_REFUSED: build book, directory and roster from the store. */
enum result shop_reload(struct shop *shop, struct error *err);

/* `path`/name into `ret_path`. */
enum result shop_file(const char *path, const char *name,
    char ret_path[SHOP_PATH_SIZE_MAX], struct error *err);

#endif
