/*
 * grid: owns how wide the columns of a table are, and where its cells are
 * broken.
 */
#include "server/tally/grid.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/wrap.h"

#define GAP 2u

void grid_init(struct grid *grid)
{
	memset(grid, 0, sizeof(*grid));
	grid->gap = GAP;
}

void grid_finish(struct grid *grid)
{
	size_t i;

	for (i = 0; i < grid->cell_count; i++)
		free(grid->cells[i]);
	free(grid->cells);
	grid_init(grid);
}

void grid_column(struct grid *grid, bool is_right)
{
	if (grid->column_count < GRID_COLUMNS_MAX)
		grid->columns[grid->column_count++].is_right = is_right;
}

void grid_text_column(struct grid *grid)
{
	if (grid->column_count < GRID_COLUMNS_MAX)
		grid->columns[grid->column_count++].is_text = true;
}

static struct bytes cell_of(const struct grid *grid, size_t index)
{
	return bytes_of_string(grid->cells[index]);
}

bool grid_cell(struct grid *grid, const char *text)
{
	size_t column = grid->cell_count % grid->column_count;
	size_t width = wrap_width(bytes_of_string(text));

	if (grid->cell_count == grid->cell_capacity) {
		size_t wanted = grid->cell_capacity * 2 + 64;
		char **cells =
		    reallocarray(grid->cells, wanted, sizeof(*cells));

		if (cells == NULL)
			return false;
		grid->cells = cells;
		grid->cell_capacity = wanted;
	}
	grid->cells[grid->cell_count] = strdup(text);
	if (grid->cells[grid->cell_count] == NULL)
		return false;
	grid->cell_count++;
	if (width > grid->columns[column].width)
		grid->columns[column].width = width;
	return true;
}

/* --- fitting -------------------------------------------------------------- */

static size_t whole_width(const struct grid *grid)
{
	size_t width = 0;

	for (size_t i = 0; i < grid->column_count; i++)
		width += grid->columns[i].width + (i == 0 ? 0 : grid->gap);
	return width;
}

static bool is_empty(const struct grid *grid, size_t column)
{
	size_t i = grid->column_count + column; /* below the heading */

	for (; i < grid->cell_count; i += grid->column_count)
		if (grid->cells[i][0] != '\0')
			return false;
	return true;
}

static void drop(struct grid *grid, size_t column)
{
	size_t kept = 0;

	for (size_t i = 0; i < grid->cell_count; i++)
		if (i % grid->column_count == column)
			free(grid->cells[i]);
		else
			grid->cells[kept++] = grid->cells[i];
	grid->cell_count = kept;
	grid->column_count--;
	for (size_t i = column; i < grid->column_count; i++)
		grid->columns[i] = grid->columns[i + 1];
}

/* How wide a column is when its cells are broken to lines of `width`: less
 * where they break early, more where a word is longer. */
static size_t broken_width(const struct grid *grid, size_t column, size_t width)
{
	size_t widest = 0;

	for (size_t i = column; i < grid->cell_count; i += grid->column_count) {
		struct bytes rest = cell_of(grid, i);

		while (rest.size != 0) {
			size_t line = wrap_width(wrap_take(&rest, width));

			if (line > widest)
				widest = line;
		}
	}
	return widest;
}

/* Narrow the widest column of text that can be, by as little as its words
 * allow. False: none can. */
static bool narrow_one(struct grid *grid)
{
	struct grid_column *best = NULL;
	size_t best_width = 0;

	for (size_t i = 0; i < grid->column_count; i++) {
		struct grid_column *column = &grid->columns[i];
		size_t width;

		if (!column->is_text || column->width == 0 ||
		    (best != NULL && column->width < best->width))
			continue;
		width = broken_width(grid, i, column->width - 1);
		if (width >= column->width)
			continue;
		best = column;
		best_width = width;
	}
	if (best != NULL)
		best->width = best_width;
	return best != NULL;
}

/* A step may have been larger than was needed: what is left over goes back. */
static void widen(struct grid *grid, size_t width)
{
	for (size_t i = grid->column_count; i-- > 0;) {
		struct grid_column *column = &grid->columns[i];
		size_t left = width - whole_width(grid);

		if (column->is_text)
			column->width =
			    broken_width(grid, i, column->width + left);
	}
}

static bool narrow(struct grid *grid, size_t width)
{
	while (whole_width(grid) > width)
		if (!narrow_one(grid))
			return false;
	widen(grid, width);
	return true;
}

void grid_fit(struct grid *grid, size_t width)
{
	struct grid_column natural[GRID_COLUMNS_MAX];

	if (whole_width(grid) <= width)
		return;
	for (size_t i = grid->column_count; i-- > 0;)
		if (grid->column_count > 1 && is_empty(grid, i))
			drop(grid, i);
	memcpy(natural, grid->columns, sizeof(natural));
	for (grid->gap = GAP; grid->gap > 0; grid->gap--) {
		if (narrow(grid, width))
			return;
		memcpy(grid->columns, natural, sizeof(natural));
	}
	grid->gap = GAP;
}

/* --- printing ------------------------------------------------------------- */

/* One line of a row: `rests` are what its cells still have to say. Blanks are
 * written when something comes after them. */
static void print_line(
    const struct grid *grid, struct bytes rests[GRID_COLUMNS_MAX], FILE *to)
{
	size_t blanks = 0;

	for (size_t i = 0; i < grid->column_count; i++) {
		const struct grid_column *column = &grid->columns[i];
		struct bytes line = wrap_take(
		    &rests[i], column->is_text ? column->width : SIZE_MAX);
		size_t padding = column->width - wrap_width(line);

		if (column->is_right)
			blanks += padding;
		if (line.size != 0) {
			fprintf(to, "%*s%.*s", (int)blanks, "", (int)line.size,
			    (const char *)line.data);
			blanks = 0;
		}
		blanks += grid->gap + (column->is_right ? 0 : padding);
	}
	fputc('\n', to);
}

static bool has_rest(
    const struct grid *grid, const struct bytes rests[GRID_COLUMNS_MAX])
{
	for (size_t i = 0; i < grid->column_count; i++)
		if (rests[i].size != 0)
			return true;
	return false;
}

static void print_row(const struct grid *grid, size_t first, FILE *to)
{
	struct bytes rests[GRID_COLUMNS_MAX] = {{0}};

	for (size_t i = 0; i < grid->column_count; i++)
		if (first + i < grid->cell_count)
			rests[i] = cell_of(grid, first + i);
	do
		print_line(grid, rests, to);
	while (has_rest(grid, rests));
}

void grid_print(const struct grid *grid, FILE *to)
{
	for (size_t i = 0; i < grid->cell_count; i += grid->column_count)
		print_row(grid, i, to);
}
