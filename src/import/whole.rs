//! Reads a small answer into memory as a whole: one object, an array of pages, or pages one after another
//! (formats.md sections 3 and 6). The length of each value is limited.

use serde_json::Value;

use super::input::Input;
use super::json_stream::JsonStream;
use super::refusal::error_answer;
use crate::error::{Error, Result};

/// The number of pages that an answer may have at most. Elements that came without their list count like pages.
const MOST_PAGES: usize = 500_000;

/// The pages of an answer, each with the line on which it begins.
///
/// # Errors
/// If the file is not JSON, is an error response from GitHub, or has too many pages.
pub fn pages(input: &mut Input) -> Result<Vec<(Value, u64)>> {
    let name = input.name().to_owned();
    let mut stream = JsonStream::new(input.reader(), &name);
    let mut pages = Vec::new();
    while let Some(first) = stream.peek()? {
        if first == b'[' && pages.is_empty() {
            stream.take_sign(b'[')?;
            let mut first = true;
            while stream.next_member(b']', &mut first)? {
                pages.push(page(&mut stream, &name)?);
            }
        } else {
            pages.push(page(&mut stream, &name)?);
        }
        if pages.len() > MOST_PAGES {
            return Err(Error::input(format!("there are more than {MOST_PAGES} pages"))
                .at(&name, Some(stream.line()))
                .hint("this is not a response from GitHub: check that this is the right file"));
        }
    }
    Ok(pages)
}

fn page<R: std::io::Read>(stream: &mut JsonStream<R>, name: &str) -> Result<(Value, u64)> {
    let (value, line) = stream.json()?;
    let told = value.get("message").and_then(Value::as_str);
    match told {
        Some(told) if value.get("documentation_url").is_some() => {
            Err(error_answer("a page is an error response from GitHub", told)
                .at(name, Some(line))
                .hint("download that page again"))
        }
        _ => Ok((value, line)),
    }
}
