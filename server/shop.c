/*
 * shop: making and opening a shop's folder.
 *
 * A folder is a shop once `keys/ticket` is there: it is the last file that
 * shop_create() makes, after the ledger holds its first two entries.
 */
#include "server/shop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/crypto.h"

#define FILE_LEDGER "ledger.db"
#define FILE_AUTHORITY "authority.pem"
#define FILE_SERVER "server.pem"
#define FILE_KEYS "keys"
#define FILE_AUTHORITY_KEY "keys/authority.pem"
#define FILE_SERVER_KEY "keys/server.pem"
#define FILE_SEED "keys/checkpoint"
#define FILE_TICKET "keys/ticket"
#define FILE_LOCK "lock"

/* Everything that shop_create() may leave behind, for its undoing. */
static const char *const shop_files[] = {FILE_LEDGER, FILE_LEDGER "-wal",
    FILE_LEDGER "-shm", FILE_AUTHORITY, FILE_SERVER, FILE_AUTHORITY_KEY,
    FILE_SERVER_KEY, FILE_SEED, FILE_TICKET, FILE_LOCK};

enum result shop_file(const char *path, const char *name,
    char ret_path[SHOP_PATH_SIZE_MAX], struct error *err)
{
	int size = snprintf(ret_path, SHOP_PATH_SIZE_MAX, "%s/%s", path, name);

	if (size < 0 || (size_t)size >= SHOP_PATH_SIZE_MAX)
		return error_set(
		    err, RESULT_LIMIT, "the folder's path is too long");
	return RESULT_OK;
}

/* --- secrets in files
 * --------------------------------------------------------- */

static enum result sync_folder(const char *path, struct error *err)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed;

	if (folder < 0)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	failed = fsync(folder);
	close(folder);
	if (failed != 0)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	return RESULT_OK;
}

/* The files' names, in both folders. */
static enum result sync_all(const char *path, struct error *err)
{
	char keys[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(path, FILE_KEYS, keys, err);

	if (result == RESULT_OK)
		result = sync_folder(keys, err);
	if (result == RESULT_OK)
		result = sync_folder(path, err);
	return result;
}

/* 32 secret bytes as 64 hexadecimal digits and a newline, mode 0600. */
static enum result secret_save(const char *shop, const char *name,
    const uint8_t secret[32], struct error *err)
{
	char path[SHOP_PATH_SIZE_MAX];
	char text[66];
	enum result result = shop_file(shop, name, path, err);
	int file;
	bool written;

	if (result != RESULT_OK)
		return result;
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	bytes_to_hex(bytes_of(secret, 32), text);
	text[64] = '\n';
	written = write(file, text, 65) == 65 && fsync(file) == 0;
	crypto_wipe(text, sizeof(text));
	if (close(file) != 0 || !written)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	return RESULT_OK;
}

static enum result secret_load(const char *shop, const char *name,
    uint8_t ret_secret[32], struct error *err)
{
	char path[SHOP_PATH_SIZE_MAX];
	char text[66] = "";
	enum result result = shop_file(shop, name, path, err);
	int file;
	ssize_t size;
	bool good;

	if (result != RESULT_OK)
		return result;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return error_errno(err,
		    errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO, errno, "%s",
		    path);
	size = read(file, text, 65);
	close(file);
	text[64] = '\0';
	good = size == 65 && bytes_from_hex(text, ret_secret, 32);
	crypto_wipe(text, sizeof(text));
	if (!good)
		return error_set(err, RESULT_CORRUPT,
		    "%s is not 64 hexadecimal digits", path);
	return RESULT_OK;
}

/* --- making
 * ---------------------------------------------------------------------- */

static enum result check_empty(const char *path, struct error *err)
{
	DIR *folder = opendir(path);
	struct dirent *item;
	bool empty = true;

	if (folder == NULL)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	while ((item = readdir(folder)) != NULL)
		if (strcmp(item->d_name, ".") != 0 &&
		    strcmp(item->d_name, "..") != 0)
			empty = false;
	closedir(folder);
	if (!empty)
		return error_set(err, RESULT_EXISTS,
		    "%s is not empty; a new shop wants a folder of its own",
		    path);
	return RESULT_OK;
}

/* The folder is made, or is there and empty. */
static enum result make_folder(
    const char *path, bool *ret_is_new, struct error *err)
{
	char keys[SHOP_PATH_SIZE_MAX];
	bool is_new;
	enum result result = shop_file(path, FILE_KEYS, keys, err);

	if (result != RESULT_OK)
		return result;
	is_new = mkdir(path, 0700) == 0;
	if (!is_new && errno != EEXIST)
		return error_errno(
		    err, RESULT_IO, errno, "cannot make the folder %s", path);
	if (!is_new)
		result = check_empty(path, err);
	if (result == RESULT_OK && mkdir(keys, 0700) != 0)
		result = error_errno(err, RESULT_IO, errno, "%s", keys);
	if (result != RESULT_OK && is_new)
		rmdir(path);
	if (result == RESULT_OK)
		*ret_is_new = is_new;
	return result;
}

/* A folder that was there stays, as empty as it was. */
static void unmake(const char *path, bool is_new)
{
	char file[SHOP_PATH_SIZE_MAX];
	size_t i;

	for (i = 0; i < sizeof(shop_files) / sizeof(shop_files[0]); i++)
		if (shop_file(path, shop_files[i], file, NULL) == RESULT_OK)
			unlink(file);
	if (shop_file(path, FILE_KEYS, file, NULL) == RESULT_OK)
		rmdir(file);
	if (is_new)
		rmdir(path);
}

static enum result save_pair(const char *shop, const struct key *key,
    const char *key_name, struct bytes certificate, const char *name,
    struct error *err)
{
	char path[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(shop, key_name, path, err);

	if (result == RESULT_OK)
		result = key_save(key, path, err);
	if (result == RESULT_OK)
		result = shop_file(shop, name, path, err);
	if (result == RESULT_OK)
		result = certificate_save(certificate, path, err);
	return result;
}

static enum result make_certificates(
    const char *path, const char *name, uint64_t now_ms, struct error *err)
{
	struct key *authority_key = NULL;
	struct key *server_key = NULL;
	struct buffer authority = {0};
	struct buffer server = {0};
	enum result result = key_create(&authority_key, err);

	if (result == RESULT_OK)
		result = key_create(&server_key, err);
	if (result == RESULT_OK)
		result = certificate_make_authority(
		    authority_key, name, now_ms, &authority, err);
	if (result == RESULT_OK)
		result = certificate_make_server(authority_key,
		    buffer_view(&authority), server_key, now_ms, &server, err);
	if (result == RESULT_OK)
		result = save_pair(path, authority_key, FILE_AUTHORITY_KEY,
		    buffer_view(&authority), FILE_AUTHORITY, err);
	if (result == RESULT_OK)
		result = save_pair(path, server_key, FILE_SERVER_KEY,
		    buffer_view(&server), FILE_SERVER, err);
	buffer_finish(&server);
	buffer_finish(&authority);
	key_destroy(server_key);
	key_destroy(authority_key);
	return result;
}

/*
 * The origin names the ledger for ever and in public: the shop's name in plain
 * letters, and random digits, for two shops may have one name.
 */
static void make_origin(const char *name, char ret_origin[ORIGIN_SIZE_MAX + 1])
{
	uint8_t random[4];
	char digits[9];
	char slug[41];
	size_t size = 0;

	for (; *name != '\0' && size < sizeof(slug) - 1; name++) {
		char c = *name;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			slug[size++] = c;
		else if (size != 0 && slug[size - 1] != '-')
			slug[size++] = '-';
	}
	while (size != 0 && slug[size - 1] == '-')
		size--;
	slug[size] = '\0';
	crypto_random(random, sizeof(random));
	bytes_to_hex(bytes_of(random, sizeof(random)), digits);
	snprintf(ret_origin, ORIGIN_SIZE_MAX + 1, "tallystick/%s%s%s", slug,
	    size == 0 ? "" : "-", digits);
}

static enum result stage_first(struct ledger *ledger,
    const struct command *command, uint64_t now_ms, struct error *err)
{
	struct outcome outcome;
	enum result result =
	    ledger_stage(ledger, command, NULL, 0, now_ms, &outcome, err);

	if (result == RESULT_OK && outcome.refusal.code != REFUSAL_NONE)
		return error_set(err, RESULT_INVALID, "the first %s: %s",
		    entry_kind_name(command->kind), outcome.refusal.say);
	return result;
}

static enum result append_first(struct ledger *ledger, const char *name,
    const uint8_t seed[SIGN_KEY_SIZE], uint64_t now_ms, struct error *err)
{
	struct command shop = {.kind = ENTRY_SHOP};
	struct command programme = {.kind = ENTRY_PROGRAMME};
	char origin[ORIGIN_SIZE_MAX + 1];
	struct buffer text = {0};
	enum result result = sign_public_key(seed, shop.key.bytes, err);

	make_origin(name, origin);
	shop.text = bytes_of_string(origin);
	crypto_random(shop.random, sizeof(shop.random));
	crypto_random(programme.random, sizeof(programme.random));
	if (result == RESULT_OK)
		result = programme_first_text(name, &text, err);
	programme.text = buffer_view(&text);
	if (result == RESULT_OK)
		result = stage_first(ledger, &shop, now_ms, err);
	if (result == RESULT_OK)
		result = stage_first(ledger, &programme, now_ms, err);
	if (result == RESULT_OK &&
	    ledger_commit(ledger, now_ms, err) != APPEND_DURABLE)
		result = RESULT_IO;
	buffer_finish(&text);
	return result;
}

static enum result make_ledger(const char *path, const char *name,
    const uint8_t seed[SIGN_KEY_SIZE], uint64_t now_ms, struct error *err)
{
	struct ledger_options options = {.seed = seed, .owner = "tallyd init"};
	struct ledger *ledger = NULL;
	struct store *store = NULL;
	char file[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(path, FILE_LEDGER, file, err);

	if (result == RESULT_OK)
		result = store_sqlite_open(file, STORE_CREATE, &store, err);
	if (result == RESULT_OK)
		result = ledger_open(store, &options, &ledger, err);
	if (result == RESULT_OK)
		result = append_first(ledger, name, seed, now_ms, err);
	if (result == RESULT_OK)
		result = ledger_close(ledger, now_ms, err);
	else
		ledger_abandon(ledger);
	store_close(store);
	return result;
}

static enum result check_name(const char *name, struct error *err)
{
	struct bytes text = bytes_of_string(name);

	if (text.size == 0 || text.size > SHOP_NAME_SIZE_MAX ||
	    !bytes_are_text(text, NULL))
		return error_set(err, RESULT_INVALID,
		    "a shop's name is 1 to %u bytes of text",
		    SHOP_NAME_SIZE_MAX);
	return RESULT_OK;
}

enum result shop_create(
    const char *path, const char *name, uint64_t now_ms, struct error *err)
{
	uint8_t ticket_key[32];
	uint8_t seed[SIGN_KEY_SIZE];
	bool is_new = false;
	enum result result = check_name(name, err);

	if (result == RESULT_OK)
		result = make_folder(path, &is_new, err);
	if (result != RESULT_OK)
		return result;
	crypto_random(seed, sizeof(seed));
	crypto_random(ticket_key, sizeof(ticket_key));
	result = make_certificates(path, name, now_ms, err);
	if (result == RESULT_OK)
		result = secret_save(path, FILE_SEED, seed, err);
	if (result == RESULT_OK)
		result = make_ledger(path, name, seed, now_ms, err);
	if (result == RESULT_OK)
		result = secret_save(path, FILE_TICKET, ticket_key, err);
	if (result == RESULT_OK)
		result = sync_all(path, err);
	crypto_wipe(seed, sizeof(seed));
	crypto_wipe(ticket_key, sizeof(ticket_key));
	if (result != RESULT_OK)
		unmake(path, is_new);
	return result;
}

/* --- opening
 * -------------------------------------------------------------------- */

static enum result take_lock(struct shop *shop, struct error *err)
{
	char path[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(shop->path, FILE_LOCK, path, err);

	if (result != RESULT_OK)
		return result;
	shop->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (shop->lock < 0)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	if (flock(shop->lock, LOCK_EX | LOCK_NB) == 0)
		return RESULT_OK;
	if (errno == EWOULDBLOCK)
		return error_set(err, RESULT_BUSY,
		    "%s is in use by a running tallyd or tally", shop->path);
	return error_errno(err, RESULT_IO, errno, "%s", path);
}

static enum result load_keys(struct shop *shop, struct error *err)
{
	char file[SHOP_PATH_SIZE_MAX];
	enum result result =
	    secret_load(shop->path, FILE_SEED, shop->seed, err);

	if (result == RESULT_OK)
		result =
		    secret_load(shop->path, FILE_TICKET, shop->ticket_key, err);
	if (result == RESULT_OK)
		result = shop_file(shop->path, FILE_AUTHORITY_KEY, file, err);
	if (result == RESULT_OK)
		result = key_load(file, &shop->authority_key, err);
	if (result == RESULT_OK)
		result = shop_file(shop->path, FILE_SERVER_KEY, file, err);
	if (result == RESULT_OK)
		result = key_load(file, &shop->server_key, err);
	if (result == RESULT_OK)
		result = shop_file(shop->path, FILE_AUTHORITY, file, err);
	if (result == RESULT_OK)
		result = certificate_load(file, &shop->authority, err);
	if (result == RESULT_OK)
		result = shop_file(shop->path, FILE_SERVER, file, err);
	if (result == RESULT_OK)
		result = certificate_load(file, &shop->certificate, err);
	return result;
}

/* The chain says which terminals are revoked; sessions look at presence. */
static void load_presence(struct shop *shop)
{
	const struct book *book = ledger_book(shop->ledger);
	uint32_t last = book_terminal_last(book);
	uint32_t number;

	for (number = 1; number <= last; number++) {
		const struct book_terminal *terminal =
		    book_terminal(book, number);

		if (terminal != NULL && terminal->standing == STANDING_REVOKED)
			presence_revoke(shop->presence, number);
	}
}

static enum result open_ledger(struct shop *shop, struct error *err)
{
	struct ledger_options options = {.seed = shop->seed, .owner = "shop"};
	char file[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(shop->path, FILE_LEDGER, file, err);

	if (result != RESULT_OK)
		return result;
	result = store_sqlite_open(file, STORE_WRITE, &shop->store, err);
	if (result == RESULT_OK)
		result = ledger_open(shop->store, &options, &shop->ledger, err);
	if (result != RESULT_OK)
		(void)error_prefix(err, "%s", file);
	return result;
}

static enum result load_ledger(struct shop *shop, struct error *err)
{
	enum result result = open_ledger(shop, err);

	if (result == RESULT_OK)
		result = directory_create(&shop->directory, err);
	if (result == RESULT_OK)
		result = directory_load(shop->directory, shop->store, err);
	if (result == RESULT_OK)
		result = roster_create(shop->ticket_key, &shop->roster, err);
	if (result == RESULT_OK)
		result = roster_load(shop->roster, shop->store, err);
	if (result == RESULT_OK)
		result = presence_create(&shop->presence, err);
	if (result == RESULT_OK)
		result = hasher_create(&shop->hasher, err);
	if (result == RESULT_OK)
		load_presence(shop);
	return result;
}

/* A folder is a shop when its last-made file is there. */
static enum result check_folder(struct shop *shop, struct error *err)
{
	char file[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(shop->path, FILE_TICKET, file, err);

	if (result != RESULT_OK)
		return result;
	if (access(file, F_OK) == 0)
		return RESULT_OK;
	return error_set(err, RESULT_NOT_FOUND,
	    "%s is no shop; make one with: tallyd init %s", shop->path,
	    shop->path);
}

enum result shop_open(
    const char *path, struct shop **ret_shop, struct error *err)
{
	struct shop *shop = calloc(1, sizeof(*shop));
	enum result result;

	if (shop == NULL)
		return error_no_memory(err);
	shop->lock = -1;
	pthread_mutex_init(&shop->import.mutex, NULL);
	if (strlen(path) >= sizeof(shop->path)) {
		shop_abandon(shop);
		return error_set(
		    err, RESULT_LIMIT, "the folder's path is too long");
	}
	memcpy(shop->path, path, strlen(path) + 1);
	result = check_folder(shop, err);
	if (result == RESULT_OK)
		result = take_lock(shop, err);
	if (result == RESULT_OK)
		result = load_keys(shop, err);
	if (result == RESULT_OK)
		result = load_ledger(shop, err);
	if (result != RESULT_OK) {
		shop_abandon(shop);
		return result;
	}
	*ret_shop = shop;
	return RESULT_OK;
}

void shop_abandon(struct shop *shop)
{
	if (shop == NULL)
		return;
	ledger_abandon(shop->ledger);
	store_close(shop->store);
	directory_destroy(shop->directory);
	roster_destroy(shop->roster);
	presence_destroy(shop->presence);
	hasher_destroy(shop->hasher);
	key_destroy(shop->authority_key);
	key_destroy(shop->server_key);
	buffer_finish(&shop->authority);
	buffer_finish(&shop->certificate);
	buffer_finish(&shop->record);
	import_destroy(shop->import.file);
	pthread_mutex_destroy(&shop->import.mutex);
	crypto_wipe(shop->seed, sizeof(shop->seed));
	crypto_wipe(shop->ticket_key, sizeof(shop->ticket_key));
	if (shop->lock >= 0)
		close(shop->lock);
	free(shop);
}

enum result shop_close(struct shop *shop, uint64_t now_ms, struct error *err)
{
	enum result result = ledger_close(shop->ledger, now_ms, err);

	shop->ledger = NULL;
	shop_abandon(shop);
	return result;
}

enum result shop_reload(struct shop *shop, struct error *err)
{
	enum result result = ledger_reopen(shop->ledger, err);

	/* What a run believed to have done may not be there; and members may
	 * stand in another order now. */
	shop->night.is_running = false;
	atomic_store(&shop->night.due_ms, 0);
	if (result == RESULT_OK)
		result = directory_load(shop->directory, shop->store, err);
	if (result == RESULT_OK)
		result = roster_load(shop->roster, shop->store, err);
	return result;
}
