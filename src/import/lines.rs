//! Finds the lines of a table, whether they end with a line feed, a carriage return, or both (interface.md
//! section 1, `FILE:LINE`).

use std::collections::VecDeque;

/// The lines of a text that is read piece by piece: where each line begins. Lines before the last offset that
/// was asked for are dropped.
#[derive(Debug)]
pub struct LineStarts {
    /// Where each line begins: its byte offset and its number. Empty lines are left out.
    begin: VecDeque<(u64, u64)>,
    /// The number of the current line, from 1.
    line: u64,
    /// The number of bytes read so far.
    read: u64,
    after_return: bool,
    at_beginning: bool,
}

impl Default for LineStarts {
    fn default() -> LineStarts {
        LineStarts {
            begin: VecDeque::new(),
            line: 1,
            read: 0,
            after_return: false,
            at_beginning: true,
        }
    }
}

impl LineStarts {
    /// Adds the next piece of the text.
    pub fn read(&mut self, text: &[u8]) {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match byte {
                // A line end may have two bytes (carriage return and line feed). It was counted at the first
                // one, so this line feed is skipped.
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.line += 1;
                    self.after_return = *byte == b'\r';
                    self.at_beginning = true;
                }
                _ => {
                    if std::mem::replace(&mut self.at_beginning, false) {
                        self.begin.push_back((self.read + at as u64, self.line));
                    }
                    self.after_return = false;
                    let rest = &text[at..];
                    at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    continue;
                }
            }
            at += 1;
        }
        self.read += text.len() as u64;
    }

    /// The number of the line with the first text at or after the byte offset `place`. The offset must not
    /// decrease from call to call.
    pub fn line_at(&mut self, place: u64) -> u64 {
        while self.begin.front().is_some_and(|(begins, _)| *begins < place) {
            self.begin.pop_front();
        }
        self.begin.front().map_or(self.line, |(_, line)| *line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_is_one_however_the_bytes_come() {
        for (end, length) in [("\n", 1), ("\r\n", 2), ("\r", 1)] {
            let text = ["ab", "", "cd", "ef", ""].join(end);
            for piece in 1..text.len() {
                let mut lines = LineStarts::default();
                text.as_bytes().chunks(piece).for_each(|piece| lines.read(piece));
                // After the text `ab` comes an empty line, so the next text is on line 3, whichever offset
                // behind `ab` is asked for.
                let found = [0, 2, 2 + length, 2 + 2 * length, 4 + 2 * length];
                let found = found.map(|place| lines.line_at(place));
                assert_eq!(found, [1, 3, 3, 3, 4], "{end:?} in pieces of {piece}");
                assert_eq!(lines.line_at(u64::MAX), 5);
            }
        }
    }
}
