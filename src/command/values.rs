//! Options whose value comes from a list: help and completion show the list, and the error is our own.

use std::ffi::OsStr;
use std::sync::Arc;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

use crate::error::{Error, Result, quoted};
use crate::import::{self, READERS, Reader};

/// Gives what a name stands for.
type Find<T> = dyn Fn(&str) -> Result<T> + Send + Sync;

/// Takes one value of a list, by its name.
#[derive(Clone)]
pub struct OneOf<T> {
    names: Vec<&'static str>,
    find: Arc<Find<T>>,
}

/// One of these names. `find` gives what a name stands for, or an error that lists the names.
pub fn one_of<T>(
    names: impl IntoIterator<Item = &'static str>,
    find: impl Fn(&str) -> Result<T> + Send + Sync + 'static,
) -> OneOf<T> {
    OneOf { names: names.into_iter().collect(), find: Arc::new(find) }
}

/// One of these values, by its name; `noun` is what the error calls them.
pub fn one_named<T: Copy + Send + Sync>(
    values: &'static [T],
    name: fn(T) -> &'static str,
    noun: &'static str,
) -> OneOf<T> {
    let names: Vec<&str> = values.iter().map(|value| name(*value)).collect();
    let known = names.join(", ");
    one_of(names, move |text| {
        let found = values.iter().copied().find(|value| name(*value) == text);
        found.ok_or_else(|| {
            Error::usage(format!("unknown {noun}: {} (there are: {known})", quoted(text)))
        })
    })
}

/// The formats that can be read.
pub fn input_formats() -> OneOf<&'static dyn Reader> {
    one_of(READERS.into_iter().map(Reader::format), import::by_name)
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for OneOf<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> std::result::Result<T, clap::Error> {
        let find = Arc::clone(&self.find);
        (move |text: &str| find(text)).parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.names.iter().map(PossibleValue::new)))
    }
}
