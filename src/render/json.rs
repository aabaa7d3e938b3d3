//! JSON: the answer as one object, or one line for each element of its list.

use std::io::Write;

use super::rows::Objects;
use super::{PrintOptions, Printable, Printing, Renderer, json_for_terminal};
use crate::error::Result;

/// One indented object.
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

/// One line for each element.
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

/// Escapes JSON for a terminal; elsewhere the bytes stay unchanged.
fn shown(json: Vec<u8>, options: &PrintOptions) -> Vec<u8> {
    match options.terminal {
        true => json_for_terminal(&String::from_utf8_lossy(&json)).into_owned().into_bytes(),
        false => json,
    }
}
