//! Data within a page, as JSON that cannot end its element: plain, or compressed and in base64.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::error::{Error, Result, is_obeyed};
use crate::table::not_json;

/// JSON in which no character could end a script element or begin a comment. It is the same value.
pub(super) fn json(value: &Value) -> Result<String> {
    let text = serde_json::to_string(value).map_err(not_json)?;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            // Also the separators of lines, and whatever a terminal would obey; all of them have four digits.
            it if is_obeyed(it) => out.push_str(&format!("\\u{:04x}", u32::from(it))),
            other => out.push(other),
        }
    }
    Ok(out)
}

/// The JSON of a value, compressed with gzip, in base64. The header of the gzip stream has no time, so that the same
/// value always gives the same text.
pub(super) fn packed(value: &Value) -> Result<String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut encoder, value).map_err(not_json)?;
    let failed = |error: std::io::Error| Error::bug("data cannot be packed").caused_by(error);
    encoder.flush().map_err(failed)?;
    Ok(STANDARD.encode(encoder.finish().map_err(failed)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_element() {
        let text = json(&Value::from("</script><!--\u{2028}&")).expect("JSON");
        assert_eq!(text, "\"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026\"");
        let back: Value = serde_json::from_str(&text).expect("the same value");
        assert_eq!(back, "</script><!--\u{2028}&");
    }
}
