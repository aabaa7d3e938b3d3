//! Questions: each file here asks the store, lets `people` decide, and gives an answer that
//! serialises to its JSON (interface.md section 3) and shows itself as a page.
//!
//! No clock, no files, no terminal: the same database and question give the same bytes.

mod consumption;
mod duplicates;
mod formats;
mod moment;
mod server_license;
mod trend;

pub use consumption::{Consumption, consumption};
pub use duplicates::{Duplicates, duplicates};
pub use formats::{FieldsSeen, Formats, fields_seen, formats};
pub use moment::{AsOf, Asked, Ledger};
pub use trend::{Trend, TrendAsked, trend};
