//! The formats JSON and NDJSON: an answer as one object, or one line for each element of the answer's list.

use std::io::Write;

use super::cells::json_for_terminal;
use super::renderer::{PrintOptions, Printable, Printing, Renderer};
use super::rows::Objects;
use crate::error::Result;

/// The output format JSON: the answer as one object, with indented lines.
pub struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        let mut bytes = answer.json_text()?;
        bytes.push(b'\n');
        Ok(shown(bytes, options))
    }

    fn stream<'w>(
        &self,
        out: &'w mut dyn Write,
        options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        Some(Box::new(Objects::array(out, options.terminal)))
    }
}

/// The output format NDJSON: each element of the answer's list as JSON on a line of its own.
pub struct Ndjson;

impl Renderer for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        Ok(shown(answer.json_lines(options.stamped)?, options))
    }

    fn stream<'w>(
        &self,
        out: &'w mut dyn Write,
        options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        Some(Box::new(Objects::lines(out, options.terminal)))
    }
}

/// The JSON with the characters escaped that a terminal would obey, if the output is a terminal; else the bytes
/// as they are.
fn shown(json: Vec<u8>, options: &PrintOptions) -> Vec<u8> {
    match options.terminal {
        true => json_for_terminal(&String::from_utf8_lossy(&json)).into_owned().into_bytes(),
        false => json,
    }
}
