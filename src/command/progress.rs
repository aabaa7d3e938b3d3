//! The progress of a long import or of a fetch, drawn on standard error if that is a terminal.
//!
//! The progress of an import shows the number of accounts so far, with the bytes read out of the total, or with a
//! spinner if the total is unknown. It is drawn only once the import has taken a while. Nothing of the progress
//! remains on the screen at the end.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::printable;
use crate::intake::Progress;
use crate::model;
use crate::remote::Talk;

/// How long an import takes at least for its progress to be shown.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the progress is drawn in a second, at most.
const DRAWN_A_SECOND: u8 = 10;

const KNOWN: &str =
    "{msg} {bar:20} {decimal_bytes} of {decimal_total_bytes}, {prefix} accounts, {eta} left";
const UNKNOWN: &str = "{spinner} {msg} {decimal_bytes}, {prefix} accounts, {elapsed}";
const STORING: &str = "{spinner} {msg} comparing and storing {prefix} accounts, {elapsed}";

/// Shows the progress of an import: a bar if the size of the file is known, else a spinner.
#[derive(Default)]
pub struct Bar(RefCell<Option<Shown>>);

struct Shown {
    bar: ProgressBar,
    begun: Instant,
    drawn: bool,
}

/// The style that a template describes. If the template cannot be read, the default style.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for Bar {
    fn begin(&self, file: &str, bytes: Option<u64>) {
        self.end();
        let bar = ProgressBar::with_draw_target(bytes, ProgressDrawTarget::hidden());
        bar.set_style(style(if bytes.is_some() { KNOWN } else { UNKNOWN }));
        bar.set_message(shortened(file));
        *self.0.borrow_mut() = Some(Shown { bar, begun: Instant::now(), drawn: false });
    }

    fn reached(&self, bytes: u64, accounts: u64) {
        let mut shown = self.0.borrow_mut();
        let Some(shown) = shown.as_mut() else { return };
        shown.bar.set_prefix(accounts.to_string());
        shown.bar.set_position(bytes);
        if !shown.drawn && shown.begun.elapsed() > PATIENCE {
            shown.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWN_A_SECOND));
            shown.drawn = true;
        }
    }

    fn storing(&self) {
        let shown = self.0.borrow();
        let Some(shown) = shown.as_ref().filter(|shown| shown.drawn) else { return };
        shown.bar.set_style(style(STORING));
        shown.bar.force_draw();
    }

    fn end(&self) {
        if let Some(shown) = self.0.borrow_mut().take() {
            shown.bar.finish_and_clear();
        }
    }
}

/// Shows the progress of a fetch: which page of which answer is being fetched, or why the fetch waits.
#[derive(Default)]
pub struct FetchBar(RefCell<Option<ProgressBar>>);

const PAGES: &str = "{spinner} {msg} {bar:20} page {pos} of {len}, {elapsed}";
const PAGE: &str = "{spinner} {msg}, page {pos}, {elapsed}";
const WAITING: &str = "{spinner} {msg}";

impl FetchBar {
    fn with(&self, show: impl FnOnce(&ProgressBar)) {
        let mut shown = self.0.borrow_mut();
        let bar = shown.get_or_insert_with(|| {
            // The spinner must not be drawn by another thread, which could not write: this thread has the lock
            // on standard error as long as the program runs.
            let target = ProgressDrawTarget::stderr_with_hz(DRAWN_A_SECOND);
            ProgressBar::with_draw_target(None, target)
        });
        show(bar);
    }
}

impl Talk for FetchBar {
    fn asking(&self, what: &str, pages: u64, of: Option<u64>) {
        self.with(|bar| {
            bar.set_style(style(if of.is_some() { PAGES } else { PAGE }));
            if let Some(of) = of {
                bar.set_length(of);
            }
            bar.set_position(pages + 1);
            bar.set_message(printable(what));
        });
    }

    fn waiting(&self, why: &str, how_long: Duration, until: model::Instant) {
        let seconds = how_long.as_secs();
        self.with(|bar| {
            bar.set_style(style(WAITING));
            bar.set_message(printable(&format!("{why}: waiting {seconds} s, until {until}")));
            // The line is drawn at once, because during the wait nothing else would draw it.
            bar.force_draw();
        });
    }

    fn note(&self, text: &str) {
        self.with(|bar| bar.println(format!("oneseat: {}", printable(text))));
    }

    fn end(&self) {
        if let Some(bar) = self.0.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.end();
    }
}

/// The end of a file name that is too long to show. The names of files in one folder mostly differ at the end.
fn shortened(file: &str) -> String {
    const LONGEST: usize = 24;
    let count = file.chars().count();
    if count <= LONGEST {
        return printable(file);
    }
    let end: String = file.chars().skip(count - LONGEST + 1).collect();
    format!("…{}", printable(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_template() {
        for template in [KNOWN, UNKNOWN, STORING, PAGES, PAGE, WAITING] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
        assert_eq!(shortened(&"x".repeat(30)).chars().count(), 24);
    }
}
