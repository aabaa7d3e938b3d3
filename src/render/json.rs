//! JSON: the answer as one object, or one line for each element of its list.

use std::io::Write;

use super::rows::Objects;
use super::{Options, Printable, Printing, Renderer};
use crate::error::{Error, Result};

/// One object, indented.
pub struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, answer: &Printable, _options: &Options) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(&answer.json).map_err(not_json)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn stream<'w>(
        &self,
        out: &'w mut dyn Write,
        _options: &Options,
    ) -> Option<Box<dyn Printing + 'w>> {
        Some(Box::new(Objects::array(out)))
    }
}

/// One line for each element.
pub struct Ndjson;

impl Renderer for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn render(&self, answer: &Printable, _options: &Options) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for element in answer.elements() {
            serde_json::to_writer(&mut bytes, element).map_err(not_json)?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    fn stream<'w>(
        &self,
        out: &'w mut dyn Write,
        _options: &Options,
    ) -> Option<Box<dyn Printing + 'w>> {
        Some(Box::new(Objects::lines(out)))
    }
}

fn not_json(error: serde_json::Error) -> Error {
    Error::bug("an answer cannot be told as JSON").caused_by(error)
}
