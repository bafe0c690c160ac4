//! Clears the unused space of pages. When SQLite divides a full page, copies of rows stay in the space between the cell pointers
//! and the cells, which `secure_delete` does not overwrite. The format of pages: <https://sqlite.org/fileformat2.html#b_tree_pages>.

use super::connections::transaction;
use super::{Connection, Sqlite, open};
use crate::store::error::{Result, StoreError};
use sqlx::{ConnectOptions as _, Connection as _};
use std::time::Instant;

/// Pages that are read by one statement, and written by one transaction at most: a commit of a megabyte.
const CHUNK: i64 = 256;
/// From this number of pages on (128 GiB), the first byte of an overflow page or of a free page can be that of a page of cells:
/// it is the highest byte of the number of the next page.
const AMBIGUOUS: i64 = 0x0200_0000;

// The table looks up single pages alone, and would go through the whole file for a range.
const READ: &str = "WITH RECURSIVE number (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM number WHERE n < $2) \
     SELECT p.pgno, p.data FROM number CROSS JOIN sqlite_dbpage p ON p.pgno = number.n";
const READ_ONE: &str = "SELECT data FROM sqlite_dbpage WHERE pgno = $1";
const WRITE_ONE: &str = "UPDATE sqlite_dbpage SET data = $2 WHERE pgno = $1";

/// Clears the unused space of all pages. It reads chunk by chunk and writes in transactions of the usual size, so that sends wait
/// no longer than for another commit. A page that is divided meanwhile can be missed; the next pass clears it.
pub(super) async fn clear(store: &Sqlite) -> crate::Result<()> {
    // A connection of its own, so that the cache of no other is replaced.
    let mut connection = reader(store).await?;
    let cleared = clear_with(store, &mut connection).await;
    connection.close().await.map_err(StoreError::from)?;
    cleared
}

async fn reader(store: &Sqlite) -> Result<Connection> {
    let path = store.writer.connect_options().get_filename().to_owned();
    Ok(open::reading(&path).connect().await?)
}

async fn clear_with(store: &Sqlite, reader: &mut Connection) -> crate::Result<()> {
    let pages: i64 =
        sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *reader).await.map_err(StoreError::from)?;
    if pages >= AMBIGUOUS {
        tracing::warn!(pages, "the database is too large to clear the unused space of its pages");
        return Ok(());
    }
    let (began, mut cleared) = (Instant::now(), 0);
    // The first page, of the schema, holds no content.
    let mut first = 2;
    while first <= pages {
        let unclear = unclear(reader, first, first + CHUNK - 1).await?;
        if !unclear.is_empty() {
            transaction!(store, c => clear_pages(c, &unclear))?;
            cleared += unclear.len();
        }
        first += CHUNK;
    }
    tracing::debug!(
        pages,
        cleared,
        seconds = began.elapsed().as_secs_f64(),
        "the unused space of pages is clear"
    );
    Ok(())
}

/// The pages from `first` to `last` whose unused space is not clear.
async fn unclear(reader: &mut Connection, first: i64, last: i64) -> Result<Vec<i64>> {
    let pages: Vec<(i64, Vec<u8>)> = sqlx::query_as(READ).bind(first).bind(last).fetch_all(reader).await?;
    Ok(pages.into_iter().filter(|(_, page)| unused(page).is_some()).map(|(number, _)| number).collect())
}

/// Clears these pages, as they are now.
async fn clear_pages(c: &mut Connection, numbers: &[i64]) -> Result<()> {
    for number in numbers {
        let page: Option<Vec<u8>> = sqlx::query_scalar(READ_ONE).bind(number).fetch_optional(&mut *c).await?;
        let Some(mut page) = page else { continue };
        let Some(unused) = unused(&page) else { continue };
        page[unused].fill(0);
        sqlx::query(WRITE_ONE).bind(number).bind(page).execute(&mut *c).await?;
    }
    Ok(())
}

/// The unused space of a page of cells, if it is not clear. `None` as well for any other page, and for one that does not have the
/// documented format.
fn unused(page: &[u8]) -> Option<std::ops::Range<usize>> {
    let header = match page.first()? {
        // Interior pages of an index and a table; leaves of an index and a table.
        2 | 5 => 12,
        10 | 13 => 8,
        _ => return None,
    };
    let number =
        |at: usize| page.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let pointers_end = header + 2 * number(3)?;
    // In a page of 65,536 bytes, 0 is its end.
    let cells_begin = number(5).filter(|begin| *begin > 0).unwrap_or(65_536);
    let is_cell =
        |pointer: usize| number(pointer).is_some_and(|cell| cells_begin <= cell && cell < page.len());
    if !(header..pointers_end).step_by(2).all(is_cell) {
        return None;
    }
    let is_clear = page.get(pointers_end..cells_begin)?.iter().all(|byte| *byte == 0);
    (!is_clear).then_some(pointers_end..cells_begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leaf of 4,096 bytes with these cells of 16 bytes each, whose unused space is full of `x`.
    fn leaf(cells: usize) -> Vec<u8> {
        let mut page = vec![b'x'; 4_096];
        let begin = 4_096 - 16 * cells;
        let two = |number: usize| u16::try_from(number).unwrap().to_be_bytes();
        page[..8].copy_from_slice(&[10, 0, 0, 0, 0, 0, 0, 0]);
        page[3..5].copy_from_slice(&two(cells));
        page[5..7].copy_from_slice(&two(begin));
        for cell in 0..cells {
            page[8 + 2 * cell..10 + 2 * cell].copy_from_slice(&two(begin + 16 * cell));
        }
        page
    }

    #[test]
    fn the_space_between_pointers_and_cells_is_unused() {
        assert_eq!(unused(&leaf(3)), Some(8 + 6..4_096 - 48));
        assert_eq!(unused(&leaf(0)), Some(8..4_096));
        let mut interior = leaf(3);
        interior[0] = 2;
        // Its header is longer by the number of the page on the right, which a leaf's first two pointers are here.
        interior[12..18].copy_from_slice(&leaf(3)[8..14]);
        assert_eq!(unused(&interior), Some(12 + 6..4_096 - 48));
    }

    #[test]
    fn a_clear_page_is_left_alone() {
        let mut page = leaf(3);
        page[14..4_048].fill(0);
        assert_eq!(unused(&page), None);
        page[4_047] = 1;
        assert_eq!(unused(&page), Some(14..4_048));
    }

    #[test]
    fn a_page_of_another_kind_or_format_is_left_alone() {
        // An overflow page, and a page that was cleared.
        for first in [0, 1, 3, 0xff] {
            let mut page = leaf(3);
            page[0] = first;
            assert_eq!(unused(&page), None, "{first}");
        }
        let change = |at: usize, to: u16| {
            let mut page = leaf(3);
            page[at..at + 2].copy_from_slice(&to.to_be_bytes());
            unused(&page)
        };
        // More pointers than fit; cells that begin within the pointers, or behind the page; a cell in the unused space, or
        // behind the page.
        assert_eq!(change(3, 3_000), None);
        assert_eq!(change(5, 10), None);
        assert_eq!(change(5, 4_097), None);
        assert_eq!(change(10, 4_000), None);
        assert_eq!(change(10, 4_096), None);
        assert_eq!(unused(&[]), None);
        assert_eq!(unused(&[10, 0, 0]), None);
    }
}
