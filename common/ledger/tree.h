/*
 * tree: the Merkle tree of RFC 6962 section 2.1 over the ledger's entries.
 *
 * Leaf number `i` (from 0) is the leaf hash of the entry with sequence i + 1.
 * The tree keeps its right edge only, in tiles of 256 hashes (C2SP tlog-tiles,
 * full tiles): tile (level, number) holds the hashes of the complete subtrees
 * of 256^level leaves, from 256 * number on. A full tile never changes; it is
 * handed out once, when it fills, for the store to keep. With those, proofs
 * are made from a few tiles; without them, tree_append() over all entries
 * makes them again.
 */
#ifndef COMMON_LEDGER_TREE_H
#define COMMON_LEDGER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/hash.h"

#define TILE_WIDTH 256u
#define TILE_LEVELS_MAX 8u
#define PROOF_HASHES_MAX 128u

struct tile {
	uint8_t level;
	uint64_t number;
	struct hash hashes[TILE_WIDTH];
};

struct tree;

/* An empty tree. About 64 KiB at most; levels are allocated as they appear. */
enum result tree_create(struct tree **ret_tree, struct error *err);
void tree_destroy(struct tree *tree);

uint64_t tree_size(const struct tree *tree); /* leaves */

/*
 * Append one leaf. Each tile that fills on the way is given to `full` (may be
 * NULL) before the call returns; `tile` is borrowed for that call alone.
 */
typedef enum result tree_tile_fn(
    void *context, const struct tile *tile, struct error *err);
enum result tree_append(struct tree *tree, struct hasher *hasher,
    const struct hash *leaf, tree_tile_fn *full, void *context,
    struct error *err);

/* The root; SHA-256 of nothing for the empty tree. */
struct hash tree_root(const struct tree *tree, struct hasher *hasher);

/*
 * Read one full tile: RESULT_OK, or what the store answers. The callback of
 * everything below that needs hashes left of the edge.
 */
typedef enum result tree_read_fn(void *context, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err);

/*
 * Set an empty tree to `size` leaves, reading the tiles on its edge that are
 * full and then the leaves after the last full level-0 tile, which the caller
 * appends: `*ret_appended_from` is the first leaf that is still missing
 * (size rounded down to 256).
 */
enum result tree_restore(struct tree *tree, uint64_t size, tree_read_fn *read,
    void *context, uint64_t *ret_appended_from, struct error *err);

struct proof {
	size_t count;
	struct hash hashes[PROOF_HASHES_MAX];
};

/*
 * RFC 6962 section 2.1.1 and 2.1.2. `size` is at most tree_size(); so proofs
 * for an older checkpoint can be made. RESULT_INVALID for an index or size
 * outside the tree, and for an `old_size` of 0: nothing follows from an empty
 * tree. `read` may be NULL for a tree of less than 256 leaves.
 */
enum result tree_prove_inclusion(const struct tree *tree, struct hasher *hasher,
    uint64_t index, uint64_t size, tree_read_fn *read, void *context,
    struct proof *ret_proof, struct error *err);
enum result tree_prove_consistency(const struct tree *tree,
    struct hasher *hasher, uint64_t old_size, uint64_t size, tree_read_fn *read,
    void *context, struct proof *ret_proof, struct error *err);

/*
 * Verification, RFC 9162 sections 2.1.3.2 and 2.1.4.2. RESULT_OK or
 * RESULT_INVALID. They need no tree: what an auditor or a receipt's holder
 * runs. All vectors of tests/vectors/merkle-*.jsonl hold.
 */
enum result tree_verify_inclusion(struct hasher *hasher, uint64_t index,
    uint64_t size, const struct hash *leaf, const struct hash *proof,
    size_t proof_count, const struct hash *root, struct error *err);
enum result tree_verify_consistency(struct hasher *hasher, uint64_t old_size,
    uint64_t size, const struct hash *proof, size_t proof_count,
    const struct hash *old_root, const struct hash *root, struct error *err);

#endif
