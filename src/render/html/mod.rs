//! The format HTML: one file that opens from disk, sends nothing anywhere, and needs nothing but a browser
//! (page.md).

mod answer;
mod document;
mod embedded;
mod frame;
mod headline;
mod links;
mod markup;
mod page;
mod parts;
mod people;
mod section;
mod sections;
mod table_rows;
mod trend_chart;
mod words;

pub use answer::Html;
pub use page::{PageShown, page};
