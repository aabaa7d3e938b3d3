//! Decides how a table is laid out on a terminal: which columns stand side by side, how wide each of them is,
//! and which are printed below their row. It also breaks texts into lines.
//!
//! No text is ever cut off, and a word is broken only if it is longer than a line.

use unicode_width::UnicodeWidthStr;

/// The number of characters from which a text is taken for a sentence. A column with a longer text may be
/// printed below its row.
const SENTENCE: usize = 40;
/// How wide a column with sentences must be at least, in characters. A narrower one is hard to read.
const NARROWEST: usize = 24;

/// Where the columns of a table are printed: side by side, or below their row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The columns that stand side by side, each with its index and its width in characters.
    pub beside: Vec<(usize, usize)>,
    /// The indices of the columns that are printed below their row.
    pub below: Vec<usize>,
    /// How wide a line may be, in characters.
    pub width: usize,
}

/// How wide a column would be without a limit (as its longest line), and how wide it must be at least.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    natural: usize,
    least: usize,
}

impl Column {
    /// Measures a column by its texts, the column's name among them.
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Column {
        let lines = texts.flat_map(|text| text.split('\n'));
        let natural = lines.clone().map(UnicodeWidthStr::width).max().unwrap_or(0);
        let words = lines.flat_map(|line| line.split(' ')).map(UnicodeWidthStr::width);
        let least = words.max().unwrap_or(0);
        let least = if natural > SENTENCE { least.max(NARROWEST) } else { least };
        Column { natural, least }
    }
}

/// How much space the columns have around them, in characters: one on both sides of each column, and one
/// between two columns.
fn gaps(columns: usize) -> usize {
    (3 * columns).saturating_sub(1)
}

impl Layout {
    /// The layout for unlimited width: all columns stand side by side, each as wide as its longest line.
    pub(super) fn unbounded(columns: &[Column]) -> Layout {
        let beside = columns.iter().map(|column| column.natural).enumerate().collect();
        Layout { beside, below: Vec::new(), width: usize::MAX }
    }

    /// How wide the columns that stand side by side are together, with the space around them.
    pub(super) fn width(&self) -> usize {
        self.beside.iter().map(|(_, width)| width).sum::<usize>() + gaps(self.beside.len())
    }

    /// The layout for a table of limited width. All columns stand side by side if each can have its least
    /// width. If not, columns are printed below their row until the others fit: first the one with the longest
    /// sentences, then the last one.
    pub(super) fn of(columns: &[Column], width: usize) -> Layout {
        let mut beside: Vec<usize> = (0..columns.len()).collect();
        let mut below = Vec::new();
        loop {
            let wanted = |of: fn(&Column) -> usize| -> usize {
                beside.iter().map(|it| of(&columns[*it])).sum::<usize>() + gaps(beside.len())
            };
            if wanted(|it| it.least) <= width || beside.len() <= 1 {
                break;
            }
            // The first column tells which row it is, so it is never printed below the row.
            let movable = beside.iter().enumerate().skip(1);
            let longest = movable.max_by_key(|(_, it)| columns[**it].natural);
            let longest = longest.filter(|(_, it)| columns[**it].natural > SENTENCE);
            let place = longest.map_or(beside.len() - 1, |(place, _)| place);
            below.push(beside.remove(place));
        }
        below.sort_unstable();
        let room = width.saturating_sub(gaps(beside.len())).max(beside.len());
        let widths = |level: usize| -> Vec<usize> {
            let columns = beside.iter().map(|it| columns[*it]);
            columns.map(|it| level.min(it.natural).max(it.least)).collect()
        };
        // Narrow columns get the width that they need, and the wider ones share the rest.
        let fits = |level: &usize| widths(*level).iter().sum::<usize>() <= room;
        let level = (1..=width).rev().find(fits).unwrap_or(0);
        let widths = widths(level).into_iter().map(|it| it.clamp(1, room));
        Layout { beside: beside.iter().copied().zip(widths).collect(), below, width }
    }
}

/// The text broken into lines of at most `width` characters: between words, and within a word only if it is
/// longer than a line. A command in backticks is kept on one line where possible. Each line but the first
/// begins with `indent` spaces.
pub(super) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let indent = if indent + 8 > width { 0 } else { indent };
    let mut out: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let mut rest = line;
        let mut margin = 0;
        while is_wider(rest, width.saturating_sub(margin)) {
            let (now, then) = broken(rest, (width - margin).max(1));
            out.push(" ".repeat(margin) + now);
            rest = then;
            margin = indent;
        }
        out.push(" ".repeat(margin) + rest);
    }
    out.join("\n")
}

/// Whether a text is wider than `width`. Only the beginning of a long text is measured. `wrapped` takes one
/// line off at a time, and measuring all of the rest each time would take quadratic time for a cell of some
/// megabytes.
fn is_wider(text: &str, width: usize) -> bool {
    // Combining characters may take less width together than one by one.
    const SLACK: usize = 16;
    let most = 4 * (width + SLACK) + 64;
    if text.len() > most {
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        if text[..end].width() > width + SLACK {
            return true;
        }
    }
    text.width() > width
}

/// Splits a text that is too long for one line: into its first line and the rest.
fn broken(text: &str, width: usize) -> (&str, &str) {
    let (mut within, mut between, mut anywhere) = (None, None, 0);
    let (mut quoted, mut taken) = (false, 0);
    for (at, character) in text.char_indices() {
        if character == ' ' && at > 0 {
            within = Some(at);
            between = if quoted { between } else { Some(at) };
        }
        quoted ^= character == '`';
        taken += unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        // One character is taken in any case, because a single character may be wider than the line.
        if taken > width && at > 0 {
            break;
        }
        anywhere = at + character.len_utf8();
    }
    // A command in backticks that takes most of a line is broken like any other text.
    let between = between.filter(|at| within.is_none_or(|within| within - at <= width / 4 * 3));
    match between.or(within).filter(|at| !text[..*at].trim().is_empty()) {
        Some(at) => (text[..at].trim_end(), text[at..].trim_start()),
        None => text.split_at(anywhere),
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Layout, wrapped};

    fn columns(texts: &[&str]) -> Vec<Column> {
        texts.iter().map(|text| Column::of(std::iter::once(*text))).collect()
    }

    #[test]
    fn lines_break_between_words() {
        for (text, width, shown) in [
            ("one two three", 80, "one two three"),
            ("one two three", 8, "one two\n  three"),
            ("ask `a b c` now", 9, "ask\n  `a b c`\n  now"),
            ("abcdefghijkl", 5, "abcde\nfghij\nkl"),
            ("one\ntwo", 3, "one\ntwo"),
            ("日本語 日本", 7, "日本語\n日本"),
        ] {
            assert_eq!(
                wrapped(text, width, if width > 9 { 0 } else { 2 }).replace("\n  ", "\n"),
                shown.replace("\n  ", "\n")
            );
        }
        for width in 0..12 {
            let text = "ask `oneseat diff FROM TO` 日本語 who-came-and-went";
            let lines = wrapped(text, width, 4);
            let squeezed = |text: &str| text.replace([' ', '\n'], "");
            assert_eq!(squeezed(&lines), squeezed(text), "nothing is lost");
        }
    }

    #[test]
    fn what_does_not_fit_beside_goes_below() {
        let sentence = "a sentence that goes on for more than forty characters and is read below";
        let address = "somebody.with-a-long-name@corporation.example";
        let all = Layout::of(&columns(&["one", "two"]), 80);
        assert_eq!((all.beside, all.below), (vec![(0, 3), (1, 3)], vec![]));
        let prose = Layout::of(&columns(&["one", sentence]), 40);
        assert_eq!((prose.beside, prose.below), (vec![(0, 3), (1, 32)], vec![]));
        let long = Layout::of(&columns(&[address, sentence, "three"]), 60);
        assert_eq!((long.beside, long.below), (vec![(0, 45), (2, 5)], vec![1]));
        let alone = Layout::of(&columns(&[address, address]), 20);
        assert_eq!((alone.beside, alone.below), (vec![(0, 18)], vec![1]));
    }
}
