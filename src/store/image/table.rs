//! Reads and writes the table `image`. Each of its rows is a segment, a stored piece of the image's columns,
//! with its hash. Segments are only appended. If many of them are short, the whole image is written again in
//! full segments.

use std::ops::Range;

use rusqlite::Connection;

use super::columns::ImageColumns;
use super::form::{self, ImageForm, Kept, segment_hash};
use super::segment::{Counts, ImagePart, SEGMENT};
use crate::error::Result;

/// The greatest number of short segments (stored pieces). If there are more, the image is written again in full
/// ones.
const MANY: i64 = 200;

/// The result of reading the table `image`, in which the derived columns are stored.
pub enum ImageRead<T> {
    /// The requested columns of the image, complete and undamaged.
    Whole(T),
    /// No image is stored, or the stored image does not cover all rows, or it has the form of another version.
    Missing,
    /// The table `image` has data that this program did not write.
    Damaged,
}

/// What is known about the stored image without reading the data of any segment (stored piece): its form, the
/// numbers of its entries, and the positions at which the segments of each part begin.
pub struct ImageOutline {
    pub form: ImageForm,
    pub counts: Counts,
    firsts: [Vec<usize>; ImagePart::ALL.len()],
}

impl ImageOutline {
    /// The positions at which the segments (stored pieces) of a part of the image begin.
    pub fn firsts(&self, part: ImagePart) -> &[usize] {
        &self.firsts[part as usize - 1]
    }
}

/// Reads the outline of the stored image: its form, and the numbers of its entries.
///
/// # Errors
/// If the database cannot be read.
pub fn outline(connection: &Connection) -> Result<ImageRead<ImageOutline>> {
    let form = match ImageForm::read(connection)? {
        Kept::None => return Ok(ImageRead::Missing),
        Kept::Damaged => return Ok(ImageRead::Damaged),
        Kept::Form(form, newest) if newest == form::newest(connection)? => form,
        Kept::Form(..) => return Ok(ImageRead::Missing),
    };
    let mut firsts: [Vec<usize>; ImagePart::ALL.len()] = Default::default();
    let mut ends = [0usize; ImagePart::ALL.len()];
    let sql = "SELECT part, first, count FROM image ORDER BY part, first";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let Some(part) = ImagePart::ALL.into_iter().position(|part| part as i64 == number) else {
            continue;
        };
        let (first, count): (i64, i64) = (row.get(1)?, row.get(2)?);
        let (first, count) = (usize::try_from(first), usize::try_from(count));
        match (first, count) {
            (Ok(first), Ok(count)) if first == ends[part] && count <= u32::MAX as usize => {
                firsts[part].push(first);
                ends[part] += count;
            }
            // The segments do not follow one another. Their hashes tell whether one is damaged; otherwise one is
            // missing.
            _ => {
                return Ok(if is_sound(connection)? {
                    ImageRead::Missing
                } else {
                    ImageRead::Damaged
                });
            }
        }
    }
    let counts = Counts { states: ends[0], accounts: ends[3], keys: ends[5] };
    if ImagePart::ALL.into_iter().any(|part| part.count(&counts) != ends[part as usize - 1]) {
        return Ok(if is_sound(connection)? { ImageRead::Missing } else { ImageRead::Damaged });
    }
    Ok(ImageRead::Whole(ImageOutline { form, counts, firsts }))
}

/// Whether every stored segment (piece of the image) matches its hash.
fn is_sound(connection: &Connection) -> Result<bool> {
    let sql = "SELECT part, first, count, data, hash FROM image";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (part, first, count): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let data = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        let hash = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        if hash != segment_hash(part, first, count, data) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reads one part of the stored image into `columns`, which must have nothing of that part yet. The stored image
/// must have the form `form` and at least as many entries as `counts` says. Entries that were added later are
/// not read.
///
/// # Errors
/// If the database cannot be read.
pub fn read_part(
    connection: &Connection,
    part: ImagePart,
    form: &ImageForm,
    counts: &Counts,
    columns: &mut ImageColumns,
) -> Result<ImageRead<()>> {
    match ImageForm::read(connection)? {
        Kept::Form(kept, _) if kept == *form => {}
        Kept::Damaged => return Ok(ImageRead::Damaged),
        Kept::None | Kept::Form(..) => return Ok(ImageRead::Missing),
    }
    let wanted = part.count(counts);
    part.reserve(columns, wanted);
    let sql = "SELECT first, count, data, hash FROM image WHERE part = ?1 ORDER BY first";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([part as i64])?;
    let mut next = 0;
    while next < wanted {
        let Some(row) = rows.next()? else { return Ok(ImageRead::Missing) };
        let (first, count) = match read_segment(row, part, columns)? {
            ImageRead::Whole(places) => places,
            ImageRead::Missing => return Ok(ImageRead::Missing),
            ImageRead::Damaged => return Ok(ImageRead::Damaged),
        };
        if first != next {
            return Ok(ImageRead::Missing);
        }
        next += count;
    }
    // If segments were joined since `counts` was read, the counted entries may end within a segment. Then the
    // part counts as missing.
    Ok(if next == wanted { ImageRead::Whole(()) } else { ImageRead::Missing })
}

/// Reads the segment (stored piece) of a part of the image that begins at the position `first`. Returns the
/// number of its entries.
///
/// # Errors
/// If the database cannot be read.
pub fn read_segment_at(
    connection: &Connection,
    part: ImagePart,
    form: &ImageForm,
    first: usize,
    columns: &mut ImageColumns,
) -> Result<ImageRead<usize>> {
    match ImageForm::read(connection)? {
        Kept::Form(kept, _) if kept == *form => {}
        _ => return Ok(ImageRead::Missing),
    }
    let sql = "SELECT first, count, data, hash FROM image WHERE part = ?1 AND first = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((part as i64, first as i64))?;
    let Some(row) = rows.next()? else { return Ok(ImageRead::Missing) };
    Ok(match read_segment(row, part, columns)? {
        ImageRead::Whole((_, count)) => ImageRead::Whole(count),
        ImageRead::Missing => ImageRead::Missing,
        ImageRead::Damaged => ImageRead::Damaged,
    })
}

/// Adds a segment (stored piece of the image) to `columns`. `row` has its first position, its number of entries,
/// its data and its hash. Returns the first position and the number of entries.
fn read_segment(
    row: &rusqlite::Row<'_>,
    part: ImagePart,
    columns: &mut ImageColumns,
) -> Result<ImageRead<(usize, usize)>> {
    let (first, count): (i64, i64) = (row.get(0)?, row.get(1)?);
    let data = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
    let hash = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
    if hash != segment_hash(part as i64, first, count, data) {
        return Ok(ImageRead::Damaged);
    }
    let (Ok(first), Ok(count)) = (usize::try_from(first), usize::try_from(count)) else {
        return Ok(ImageRead::Damaged);
    };
    Ok(match part.read(columns, count, data) {
        Ok(()) => ImageRead::Whole((first, count)),
        Err(super::bytes::BadColumns) => ImageRead::Damaged,
    })
}

/// Reads all columns of the stored image.
///
/// # Errors
/// If the database cannot be read.
pub fn read(connection: &Connection) -> Result<ImageRead<(ImageForm, ImageColumns)>> {
    let ImageOutline { form, counts, .. } = match outline(connection)? {
        ImageRead::Whole(outline) => outline,
        ImageRead::Missing => return Ok(ImageRead::Missing),
        ImageRead::Damaged => return Ok(ImageRead::Damaged),
    };
    let mut columns = ImageColumns::default();
    for part in ImagePart::ALL {
        match read_part(connection, part, &form, &counts, &mut columns)? {
            ImageRead::Whole(()) => {}
            ImageRead::Missing => return Ok(ImageRead::Missing),
            ImageRead::Damaged => return Ok(ImageRead::Damaged),
        }
    }
    let whole = columns.is_whole(connection)?;
    Ok(if whole { ImageRead::Whole((form, columns)) } else { ImageRead::Missing })
}

/// Appends columns to the stored image. `before` says how many entries the stored image has without them.
///
/// # Errors
/// If the database cannot be written.
pub fn append(connection: &Connection, columns: &ImageColumns, before: &Counts) -> Result<()> {
    let counts = Counts::of(columns);
    for part in ImagePart::ALL {
        let (mut begun, all) = (0, part.count(&counts));
        while begun < all {
            let end = all.min(begun + part.segment());
            put(connection, part, columns, begun..end, part.count(before))?;
            begun = end;
        }
    }
    Ok(())
}

/// Stores a segment with the entries of one part at these positions of `columns`. The stored image already has
/// `before` entries of this part, which come first.
fn put(
    connection: &Connection,
    part: ImagePart,
    columns: &ImageColumns,
    places: Range<usize>,
    before: usize,
) -> Result<()> {
    let (first, count) = ((before + places.start) as i64, places.len() as i64);
    let data = part.write(columns, places);
    let hash = segment_hash(part as i64, first, count, &data);
    let sql = "INSERT INTO image (part, first, count, data, hash) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute((part as i64, first, count, data, &hash[..]))?;
    Ok(())
}

/// Stores an image (derived columns) in place of the stored one.
///
/// # Errors
/// If the database cannot be written.
pub fn replace(connection: &Connection, form: &ImageForm, columns: &ImageColumns) -> Result<()> {
    connection.execute("DELETE FROM image", [])?;
    form.write(connection)?;
    append(connection, columns, &Counts::default())
}

/// Writes the stored image again in full segments, if too many of its segments (stored pieces) are short.
///
/// # Errors
/// If the database cannot be written.
pub fn join(connection: &Connection) -> Result<()> {
    let sql = "SELECT count(*) FROM image WHERE part = ?1 AND count < ?2";
    let short: i64 = connection
        .prepare_cached(sql)?
        .query_row((ImagePart::Counting as i64, SEGMENT as i64), |row| row.get(0))?;
    if short <= MANY {
        return Ok(());
    }
    match read(connection)? {
        ImageRead::Whole((form, columns)) => replace(connection, &form, &columns),
        ImageRead::Missing | ImageRead::Damaged => Ok(()),
    }
}

/// Messages about the stored segments (pieces of the image) that are damaged, belong to no known part, or differ
/// from an image that was made from the rows. A missing segment is no difference.
///
/// # Errors
/// If the database cannot be read.
pub fn differing(connection: &Connection, made: &ImageColumns) -> Result<Vec<String>> {
    let (mut wrong, counts) = (Vec::new(), Counts::of(made));
    let sql = "SELECT part, first, count, data, hash FROM image ORDER BY part, first";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (number, first, count): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let data = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        let hash = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        let named = format!("image.data of part {number} from {first} on");
        if hash != segment_hash(number, first, count, data) {
            wrong.push(format!("{named} does not match image.hash"));
            continue;
        }
        let part = ImagePart::ALL.into_iter().find(|part| *part as i64 == number);
        let end = first.checked_add(count).and_then(|end| usize::try_from(end).ok());
        let same =
            part.zip(end).zip(usize::try_from(first).ok()).is_some_and(|((part, end), first)| {
                end <= part.count(&counts) && part.write(made, first..end) == data
            });
        if !same {
            wrong.push(format!(
                "{named} does not follow from the rows of states, spans, shapes, addresses and stored_listed"
            ));
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::image::build::build;
    use crate::store::image::sums::LocalColumns;
    use crate::store::migrate;

    /// A database with one source and one snapshot, and no states yet.
    fn begun() -> Connection {
        let mut connection = Connection::open_in_memory().expect("a database");
        migrate::migrate(&mut connection, Path::new("new"), 0, |_| Ok(())).expect("a schema");
        let rows = "PRAGMA foreign_keys = off;
            INSERT INTO stored_sources VALUES (1, 'server', 'a');
            INSERT INTO stored_snapshots VALUES (1, 1, 65536, 0, 'now', 'f', 'a', '', 0, 0, NULL, NULL,
              NULL, 0, NULL, '{}', '[]', x'00', NULL);
            INSERT INTO shapes VALUES (1, '[]')";
        connection.execute_batch(rows).expect("rows");
        connection
    }

    fn add_state(connection: &Connection, number: i64) {
        let sql =
            "INSERT INTO states VALUES (?1, 1, 1, ?1, 0, 0, 0, NULL, 'u' || ?1, NULL, 1, '[]',
                     randomblob(16), randomblob(32))";
        connection.execute(sql, [number]).expect("a state");
        let sql =
            "INSERT INTO addresses VALUES (?1 * 1048576, 1, 'U' || (?1 / 2) || '@x.example', NULL)";
        connection.execute(sql, [number]).expect("an address");
    }

    fn segments(connection: &Connection) -> i64 {
        let sql = "SELECT count(*) FROM image WHERE part = 1";
        connection.query_row(sql, [], |row| row.get(0)).expect("a number")
    }

    #[test]
    fn many_short_segments_become_one_and_say_the_same() {
        let connection = begun();
        let (mut before, mut most) = (ImageColumns::default(), 0);
        for number in 1..=2 * MANY {
            add_state(&connection, number);
            let ImageRead::Whole((form, _)) = read(&connection)
                .map(|found| match found {
                    // The stored image does not cover the state that was just added.
                    ImageRead::Missing => match ImageForm::read(&connection).expect("a form") {
                        Kept::Form(form, _) => ImageRead::Whole((form, ImageColumns::default())),
                        _ => ImageRead::Damaged,
                    },
                    other => other,
                })
                .expect("read")
            else {
                panic!("there is a form")
            };
            let all = build(&connection, &form, None).expect("an image");
            let mut new = ImageColumns::default();
            let place = all.states.len() - 1;
            new.states.copy(&all.states, place, |key| key);
            let account = all.accounts.len() - 1;
            new.accounts
                .push(
                    all.accounts.numbers.at(account),
                    1,
                    all.accounts.hashes[account],
                    all.accounts.texts.get(account),
                )
                .expect("room");
            for key in before.key_hashes.len()..all.key_hashes.len() {
                new.key_hashes.push(all.key_hashes[key]);
                new.key_texts.push(all.key_texts.get(key)).expect("room");
            }
            new.key_locals = LocalColumns::of(&form, &new.key_texts);
            append(&connection, &new, &Counts::of(&before)).expect("appended");
            form.write(&connection).expect("a form");
            join(&connection).expect("joined");
            most = most.max(segments(&connection));
            before = all;
        }
        assert!(most == MANY && segments(&connection) <= MANY, "{most}");
        let ImageRead::Whole((_, columns)) = read(&connection).expect("read") else {
            panic!("it is whole")
        };
        assert!(columns.states == before.states && columns.accounts == before.accounts);
        assert!(columns.key_hashes == before.key_hashes && columns.key_texts == before.key_texts);
        assert!(columns.key_locals == before.key_locals);
        assert_eq!(differing(&connection, &before).expect("compared"), Vec::<String>::new());
    }
}
