//! The output formats (interface.md section 1). An output format turns an answer into bytes. It must not open
//! the output file, and must not ask about the terminal.
//!
//! An output format is one file in this folder and one line in [`RENDERERS`].

mod about;
mod cells;
mod csv;
mod html;
mod json;
mod layout;
mod markdown;
#[cfg(feature = "parquet")]
mod parquet;
mod pretty;
mod renderer;
mod rows;
mod shapes;
mod stamp;
mod xlsx;

use std::io::Write;

use crate::error::{Error, Result, quoted};

pub use cells::json_for_terminal;
pub use html::{PageShown, page};
pub use renderer::{PrintOptions, Printable, Printing, Renderer};

/// All output formats.
pub const RENDERERS: &[&dyn Renderer] = &[
    &pretty::Pretty,
    &json::Json,
    &json::Ndjson,
    &csv::Csv,
    &csv::Tsv,
    &markdown::Markdown,
    &xlsx::Xlsx,
    &html::Html,
    #[cfg(feature = "parquet")]
    &parquet::Parquet,
];

/// Begins to print an answer that consists of rows only, row by row if the format can do that.
pub fn printing<'w>(
    renderer: &'static dyn Renderer,
    out: &'w mut dyn Write,
    options: &PrintOptions,
) -> Box<dyn Printing + 'w> {
    // `out` can be given away only once. So the format is first asked with another output whether it can print
    // row by row.
    if renderer.stream(&mut std::io::sink(), options).is_some()
        && let Some(printing) = renderer.stream(out, options)
    {
        return printing;
    }
    rows::collected(renderer, options)
}

/// The output format with the name that the user typed.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] with the known names, if there is no such format.
pub fn by_name(name: &str) -> Result<&'static dyn Renderer> {
    RENDERERS.iter().copied().find(|renderer| renderer.name() == name).ok_or_else(|| {
        if name == "parquet" {
            return Error::usage(
                "this oneseat was built without Parquet; \
                 to build one with it: `cargo install --path . --features parquet`",
            );
        }
        let names: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.name()).collect();
        Error::usage(format!(
            "there is no output format {} (there are: {})",
            quoted(name),
            names.join(", ")
        ))
    })
}
