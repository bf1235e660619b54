/*
 * grid: a table of texts, as people read it.
 *
 * Columns are parted by two blanks and as wide as their widest cell, or, where
 * the table would be too wide, as narrow as it takes: cells of a column of text
 * then go on below themselves.
 */
#ifndef SERVER_TALLY_GRID_H
#define SERVER_TALLY_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define GRID_COLUMNS_MAX 12u

struct grid_column {
	bool is_right;
	bool is_text;
	size_t width;
};

/* Cells are on the heap. */
struct grid {
	size_t column_count;
	size_t gap; /* blanks between columns */
	struct grid_column columns[GRID_COLUMNS_MAX];
	char **cells; /* row by row, the headings first */
	size_t cell_count;
	size_t cell_capacity;
};

void grid_init(struct grid *grid);
void grid_finish(struct grid *grid);
/* A column, before any cell. */
void grid_column(struct grid *grid, bool is_right);
/* One to the left, whose cells may be broken at their blanks. */
void grid_text_column(struct grid *grid);
/* False where there is no memory. The text is copied. */
bool grid_cell(struct grid *grid, const char *text);
/*
 * Make a table that is wider than `width` characters as narrow as that: leave
 * out columns with nothing below their heading; then narrow those of text, the
 * widest first, to no less than their longest words; then part columns by one
 * blank. Where all that is not enough, none of the latter two is done. After
 * the last cell.
 */
void grid_fit(struct grid *grid, size_t width);
void grid_print(const struct grid *grid, FILE *to);

#endif
