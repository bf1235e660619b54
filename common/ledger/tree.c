/*
 * tree: owns the shape of the Merkle tree: its right edge, its root, and the
 * proofs made from it and checked against it.
 *
 * Two views of the same edge are kept. The tiles hold all hashes of each
 * level's last, unfilled tile, from which proofs are made. The frontier holds
 * the root of each complete subtree that the tree splits into, one for each
 * bit of its size; it makes an append one node hash on average, as a binary
 * counter's increment changes two bits on average.
 */
#include "common/ledger/tree.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/base/limits.h"

#define TILE_BITS 8u
#define HEIGHTS_MAX 64u

struct tree {
	uint64_t size;
	/* Where bit h of size is set: the root of 2^h leaves. */
	struct hash frontier[HEIGHTS_MAX];
	/* The last tile of each level. How many of its hashes count follows
	 * from the size alone, so nothing needs undoing when an append
	 * fails. */
	struct tile *tiles[TILE_LEVELS_MAX];
};

enum result tree_create(struct tree **ret_tree, struct error *err)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (tree == NULL)
		return error_no_memory(err);
	*ret_tree = tree;
	return RESULT_OK;
}

void tree_destroy(struct tree *tree)
{
	if (tree == NULL)
		return;
	for (unsigned i = 0; i < TILE_LEVELS_MAX; i++)
		free(tree->tiles[i]);
	free(tree);
}

uint64_t tree_size(const struct tree *tree)
{
	return tree->size;
}

/* Hashes that `level` has for a tree of `size` leaves. */
static uint64_t level_count(uint64_t size, unsigned level)
{
	return size >> (TILE_BITS * level);
}

static enum result need_tile(
    struct tree *tree, unsigned level, struct error *err)
{
	assert(level < TILE_LEVELS_MAX);
	if (tree->tiles[level] == NULL)
		tree->tiles[level] = calloc(1, sizeof(struct tile));
	return tree->tiles[level] ? RESULT_OK : error_no_memory(err);
}

/* Hash number `index` of `level`; the tile goes out when this fills it. */
static enum result put_hash(struct tree *tree, unsigned level, uint64_t index,
    const struct hash *hash, tree_tile_fn *full, void *context,
    struct error *err)
{
	unsigned place = index % TILE_WIDTH;
	enum result result = need_tile(tree, level, err);
	struct tile *tile;

	if (result != RESULT_OK)
		return result;
	tile = tree->tiles[level];
	tile->level = (uint8_t)level;
	tile->number = index / TILE_WIDTH;
	tile->hashes[place] = *hash;
	if (place == TILE_WIDTH - 1 && full != NULL)
		return full(context, tile, err);
	return RESULT_OK;
}

/*
 * Carry, as in adding one to a binary number: while there is a complete
 * subtree of this height already, both make one of the next. At each eighth
 * height the new root is a hash of the next level's tile.
 */
enum result tree_append(struct tree *tree, struct hasher *hasher,
    const struct hash *leaf, tree_tile_fn *full, void *context,
    struct error *err)
{
	uint64_t index = tree->size;
	struct hash carry = *leaf;
	unsigned height = 0;
	enum result result;

	if (tree->size >= SEQUENCE_MAX)
		return error_set(err, RESULT_LIMIT, "tree: it is full");
	result = put_hash(tree, 0, index, leaf, full, context, err);
	for (; result == RESULT_OK && (index & 1); index >>= 1) {
		carry = hash_node(hasher, &tree->frontier[height], &carry);
		height++;
		if (height % TILE_BITS == 0)
			result = put_hash(tree, height / TILE_BITS, index >> 1,
			    &carry, full, context, err);
	}
	if (result != RESULT_OK)
		return result;
	tree->frontier[height] = carry;
	tree->size++;
	return RESULT_OK;
}

struct hash tree_root(const struct tree *tree, struct hasher *hasher)
{
	struct hash root;
	unsigned height;

	if (tree->size == 0)
		return hash_plain(hasher, bytes_of(NULL, 0));
	height = (unsigned)__builtin_ctzll(tree->size);
	root = tree->frontier[height];
	for (height++; height < HEIGHTS_MAX; height++)
		if (tree->size >> height & 1)
			root =
			    hash_node(hasher, &tree->frontier[height], &root);
	return root;
}

/* The root of the 2^height hashes of `tile` from `place` on. */
static struct hash tile_subtree(struct hasher *hasher, const struct tile *tile,
    unsigned place, unsigned height)
{
	struct hash work[TILE_WIDTH / 2];
	unsigned count = 1u << height;

	if (height == 0)
		return tile->hashes[place];
	count /= 2;
	for (unsigned i = 0; i < count; i++)
		work[i] = hash_node(hasher, &tile->hashes[place + 2 * i],
		    &tile->hashes[place + 2 * i + 1]);
	while (count > 1) {
		count /= 2;
		for (unsigned i = 0; i < count; i++)
			work[i] =
			    hash_node(hasher, &work[2 * i], &work[2 * i + 1]);
	}
	return work[0];
}

/* --- restoring ------------------------------------------------------------ */

/* The last tile of `level`, each hash out of a full tile of the level below. */
static enum result restore_level(struct tree *tree, struct hasher *hasher,
    uint64_t size, unsigned level, tree_read_fn *read, void *context,
    struct error *err)
{
	uint64_t end = level_count(size, level);
	uint64_t start = end - end % TILE_WIDTH;
	struct tile below;
	struct hash root;
	enum result result = RESULT_OK;

	for (uint64_t i = start; result == RESULT_OK && i < end; i++) {
		below.level = (uint8_t)(level - 1);
		below.number = i;
		result = read(context, below.level, i, &below, err);
		if (result != RESULT_OK)
			break;
		root = tile_subtree(hasher, &below, 0, TILE_BITS);
		result = put_hash(tree, level, i, &root, NULL, NULL, err);
	}
	return result;
}

/* The complete subtrees that the last tile of `level` splits into. */
static void restore_frontier(
    struct tree *tree, struct hasher *hasher, uint64_t size, unsigned level)
{
	unsigned count = level_count(size, level) % TILE_WIDTH;

	for (unsigned bit = 0; bit < TILE_BITS; bit++) {
		unsigned place = count >> (bit + 1) << (bit + 1);

		if (count >> bit & 1)
			tree->frontier[TILE_BITS * level + bit] = tile_subtree(
			    hasher, tree->tiles[level], place, bit);
	}
}

enum result tree_restore(struct tree *tree, uint64_t size, tree_read_fn *read,
    void *context, uint64_t *ret_appended_from, struct error *err)
{
	uint64_t from = size - size % TILE_WIDTH;
	struct hasher *hasher;
	enum result result;

	assert(tree->size == 0);
	if (size > SEQUENCE_MAX)
		return error_set(
		    err, RESULT_LIMIT, "tree: no tree has that many leaves");
	result = hasher_create(&hasher, err);
	if (result != RESULT_OK)
		return result;
	for (unsigned level = 1;
	     level < TILE_LEVELS_MAX && level_count(from, level) > 0; level++) {
		result = restore_level(
		    tree, hasher, from, level, read, context, err);
		if (result != RESULT_OK)
			break;
		restore_frontier(tree, hasher, from, level);
	}
	hasher_destroy(hasher);
	if (result != RESULT_OK)
		return result;
	tree->size = from;
	*ret_appended_from = from;
	return RESULT_OK;
}

/* --- proving -------------------------------------------------------------- */

/* Half-open: leaves from `start` to before `end`. */
struct range {
	uint64_t start;
	uint64_t end;
};

struct prover {
	const struct tree *tree;
	struct hasher *hasher;
	tree_read_fn *read;
	void *context;
	struct tile tile; /* the last one read: neighbours often share it */
	bool tile_is_read;
};

static enum result prover_tile(struct prover *prover, unsigned level,
    uint64_t number, const struct tile **ret_tile, struct error *err)
{
	uint64_t last = level_count(prover->tree->size, level) / TILE_WIDTH;
	enum result result;

	*ret_tile = prover->tree->tiles[level];
	if (number == last)
		return RESULT_OK;
	*ret_tile = &prover->tile;
	if (prover->tile_is_read && prover->tile.level == level &&
	    prover->tile.number == number)
		return RESULT_OK;
	assert(prover->read != NULL);
	result = prover->read(
	    prover->context, (uint8_t)level, number, &prover->tile, err);
	if (result != RESULT_OK)
		return result;
	prover->tile.level = (uint8_t)level;
	prover->tile.number = number;
	prover->tile_is_read = true;
	return RESULT_OK;
}

/* The root of the complete subtree of 2^height leaves from `start` on. */
static enum result prover_subtree(struct prover *prover, uint64_t start,
    unsigned height, struct hash *ret_hash, struct error *err)
{
	unsigned level = height / TILE_BITS;
	uint64_t index = level_count(start, level);
	const struct tile *tile;
	enum result result =
	    prover_tile(prover, level, index / TILE_WIDTH, &tile, err);

	if (result != RESULT_OK)
		return result;
	*ret_hash = tile_subtree(
	    prover->hasher, tile, index % TILE_WIDTH, height % TILE_BITS);
	return RESULT_OK;
}

/*
 * The root over a range that RFC 6962's splitting comes to: its start is a
 * multiple of its size's next power of two, so it is complete subtrees that
 * get smaller to the right. They fold from the right.
 */
static enum result prover_range(struct prover *prover, struct range range,
    struct hash *ret_hash, struct error *err)
{
	uint64_t size = range.end - range.start;
	uint64_t end = range.end;
	bool first = true;
	struct hash root;
	struct hash left;
	enum result result;

	assert(size > 0);
	for (unsigned height = 0; size >> height > 0; height++) {
		if (!(size >> height & 1))
			continue;
		end -= 1ull << height;
		result = prover_subtree(prover, end, height, &left, err);
		if (result != RESULT_OK)
			return result;
		root = first ? left : hash_node(prover->hasher, &left, &root);
		first = false;
	}
	*ret_hash = root;
	return RESULT_OK;
}

/* Where RFC 6962 splits a range of at least two: k, the largest power of two
 * smaller than its size, after its start. */
static uint64_t range_middle(struct range range)
{
	uint64_t size = range.end - range.start;

	assert(size > 1);
	return range.start + (1ull << (63 - __builtin_clzll(size - 1)));
}

/* A proof's hashes, from the root down; they are written from the leaf up. */
struct path {
	size_t count;
	struct range ranges[PROOF_HASHES_MAX];
};

static void path_push(struct path *path, uint64_t start, uint64_t end)
{
	assert(path->count < PROOF_HASHES_MAX);
	path->ranges[path->count++] = (struct range){start, end};
}

static enum result prover_write(struct prover *prover, const struct path *path,
    struct proof *ret_proof, struct error *err)
{
	struct proof proof;
	enum result result;

	proof.count = path->count;
	for (size_t i = 0; i < path->count; i++) {
		result = prover_range(prover, path->ranges[path->count - 1 - i],
		    &proof.hashes[i], err);
		if (result != RESULT_OK)
			return result;
	}
	ret_proof->count = proof.count;
	for (size_t i = 0; i < proof.count; i++)
		ret_proof->hashes[i] = proof.hashes[i];
	return RESULT_OK;
}

enum result tree_prove_inclusion(const struct tree *tree, struct hasher *hasher,
    uint64_t index, uint64_t size, tree_read_fn *read, void *context,
    struct proof *ret_proof, struct error *err)
{
	struct prover prover = {
	    .tree = tree, .hasher = hasher, .read = read, .context = context};
	struct range range = {0, size};
	struct path path;

	if (size > tree->size || index >= size)
		return error_set(err, RESULT_INVALID,
		    "tree: no leaf %" PRIu64 " among the first %" PRIu64
		    " of %" PRIu64,
		    index, size, tree->size);
	path.count = 0;
	while (range.end - range.start > 1) {
		uint64_t middle = range_middle(range);

		if (index < middle) {
			path_push(&path, middle, range.end);
			range.end = middle;
		} else {
			path_push(&path, range.start, middle);
			range.start = middle;
		}
	}
	return prover_write(&prover, &path, ret_proof, err);
}

enum result tree_prove_consistency(const struct tree *tree,
    struct hasher *hasher, uint64_t old_size, uint64_t size, tree_read_fn *read,
    void *context, struct proof *ret_proof, struct error *err)
{
	struct prover prover = {
	    .tree = tree, .hasher = hasher, .read = read, .context = context};
	struct range range = {0, size};
	struct path path;

	if (size > tree->size || old_size > size || old_size == 0)
		return error_set(err, RESULT_INVALID,
		    "tree: no step from %" PRIu64 " to %" PRIu64
		    " leaves of %" PRIu64,
		    old_size, size, tree->size);
	path.count = 0;
	while (old_size < range.end) {
		uint64_t middle = range_middle(range);

		if (old_size <= middle) {
			path_push(&path, middle, range.end);
			range.end = middle;
		} else {
			path_push(&path, range.start, middle);
			range.start = middle;
		}
	}
	/* What is left is the old tree's last piece. The verifier knows it
	 * where it is the whole old tree. */
	if (range.start > 0)
		path_push(&path, range.start, range.end);
	return prover_write(&prover, &path, ret_proof, err);
}

/* --- verifying ------------------------------------------------------------ */

static enum result refuse(const char *what, struct error *err)
{
	return error_set(err, RESULT_INVALID, "proof: %s", what);
}

/*
 * Up from a left edge: heights at which the node has no sibling in the tree
 * have no hash in the proof.
 */
static void skip_levels(uint64_t *node, uint64_t *last)
{
	while (!(*node & 1) && *node != 0) {
		*node >>= 1;
		*last >>= 1;
	}
}

/* RFC 9162 section 2.1.3.2; `node` and `last` are its fn and sn. */
enum result tree_verify_inclusion(struct hasher *hasher, uint64_t index,
    uint64_t size, const struct hash *leaf, const struct hash *proof,
    size_t proof_count, const struct hash *root, struct error *err)
{
	uint64_t node = index;
	uint64_t last = size - 1;
	struct hash hash = *leaf;

	if (index >= size)
		return refuse("the leaf is outside the tree", err);
	for (size_t i = 0; i < proof_count; i++) {
		if (last == 0)
			return refuse("it has too many hashes", err);
		if ((node & 1) || node == last) {
			hash = hash_node(hasher, &proof[i], &hash);
			skip_levels(&node, &last);
		} else {
			hash = hash_node(hasher, &hash, &proof[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	if (last != 0)
		return refuse("it has too few hashes", err);
	if (!hash_equal(&hash, root))
		return refuse("it leads to another root", err);
	return RESULT_OK;
}

/* Sizes between which there is something to prove, or that are the same. */
static enum result check_sizes(
    uint64_t old_size, uint64_t size, size_t proof_count, struct error *err)
{
	if (old_size == 0)
		return refuse("an empty tree proves nothing", err);
	if (old_size > size)
		return refuse("the old tree is the larger", err);
	if (old_size < size && proof_count == 0)
		return refuse("it has too few hashes", err);
	return RESULT_OK;
}

/* RFC 9162 section 2.1.4.2; `node` and `last` are its fn and sn. */
enum result tree_verify_consistency(struct hasher *hasher, uint64_t old_size,
    uint64_t size, const struct hash *proof, size_t proof_count,
    const struct hash *old_root, const struct hash *root, struct error *err)
{
	/* An old tree that is one complete subtree is a node of the new one,
	 * and its root is not said again. */
	bool whole = (old_size & (old_size - 1)) == 0 || old_size == size;
	uint64_t node = old_size - 1;
	uint64_t last = size - 1;
	struct hash old_hash;
	struct hash hash;
	enum result result = check_sizes(old_size, size, proof_count, err);

	if (result != RESULT_OK)
		return result;
	for (; node & 1; node >>= 1)
		last >>= 1;
	if (old_size == size)
		last = 0;
	old_hash = whole ? *old_root : proof[0];
	hash = old_hash;
	for (size_t i = whole ? 0 : 1; i < proof_count; i++) {
		if (last == 0)
			return refuse("it has too many hashes", err);
		if ((node & 1) || node == last) {
			old_hash = hash_node(hasher, &proof[i], &old_hash);
			hash = hash_node(hasher, &proof[i], &hash);
			skip_levels(&node, &last);
		} else {
			hash = hash_node(hasher, &hash, &proof[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	if (last != 0)
		return refuse("it has too few hashes", err);
	if (!hash_equal(&old_hash, old_root))
		return refuse("it leads to another old root", err);
	if (!hash_equal(&hash, root))
		return refuse("it leads to another root", err);
	return RESULT_OK;
}
