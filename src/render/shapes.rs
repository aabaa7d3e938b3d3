//! Makes the shapes in which output formats print an answer: JSON, lines of JSON, and cells
//! (interface.md section 1).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::renderer::Printable;
use super::stamp::Stamp;
use crate::error::Result;
use crate::table::{Answer, Page, RowSink, RowVisitor, not_json, outline, send_rows};

impl<A: Answer> Printable for A {
    fn list(&self) -> Option<&'static str> {
        A::LIST
    }

    fn json_text(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(not_json)
    }

    fn json_lines(&self, stamped: bool) -> Result<Vec<u8>> {
        let stamp = stamped.then(|| Stamp::of(self)).transpose()?;
        let mut lines = JsonLines { stamp, lines: Vec::new() };
        self.rows(&mut lines)?;
        Ok(lines.lines)
    }

    fn outline(&self) -> Result<Option<Map<String, Value>>> {
        outline(self).map(Some)
    }

    fn send(&self, stamped: bool, sink: &mut dyn RowSink) -> Result<()> {
        let stamp = stamped.then(|| Stamp::of(self)).transpose()?;
        send_rows(self, &stamp.map(Stamp::cells).unwrap_or_default(), sink)
    }

    fn said_below(&self) -> Option<String> {
        Answer::said_below(self)
    }

    fn rests_on(&self) -> Vec<String> {
        Answer::rests_on(self)
    }

    fn page(&self) -> Cow<'_, Page> {
        Cow::Owned(Answer::page(self))
    }
}

/// Receives the rows of an answer and writes each as a line of JSON.
struct JsonLines {
    stamp: Option<Stamp>,
    lines: Vec<u8>,
}

impl RowVisitor for JsonLines {
    fn row<T: Serialize>(&mut self, row: &T) -> Result<()> {
        let written = match &self.stamp {
            None => serde_json::to_writer(&mut self.lines, row),
            Some(stamp) => serde_json::to_value(row)
                .and_then(|row| serde_json::to_writer(&mut self.lines, &stamp.added_to(row))),
        };
        self.lines.push(b'\n');
        written.map_err(not_json)
    }
}
