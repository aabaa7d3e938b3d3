//! Parsers of options whose value must be in a list. The help and the completions show the list, and oneseat
//! itself, not clap, writes the error about any other value.

use std::ffi::OsStr;
use std::sync::Arc;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

use crate::error::{Error, Result, quoted};
use crate::import::directory::{DIRECTORY_READERS, DirectoryReader};
use crate::import::{self, READERS, Reader};

/// A function that finds the value for a name.
type Find<T> = dyn Fn(&str) -> Result<T> + Send + Sync;

/// A parser of an option whose value must be one of the names in a list.
#[derive(Clone)]
pub struct OneOf<T> {
    names: Vec<&'static str>,
    find: Arc<Find<T>>,
}

/// A parser that accepts these names. `find` gives the value for a name, or an error that lists the names.
pub fn one_of<T>(
    names: impl IntoIterator<Item = &'static str>,
    find: impl Fn(&str) -> Result<T> + Send + Sync + 'static,
) -> OneOf<T> {
    OneOf { names: names.into_iter().collect(), find: Arc::new(find) }
}

/// A parser that accepts the names of these values. The error about another name calls the values by `noun`.
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

/// The reader of an input format: of reports, or of employee directories.
#[derive(Clone, Copy)]
pub enum InputFormat {
    /// Reads a report of GitHub or of an instance.
    Report(&'static dyn Reader),
    /// Reads an employee directory.
    Directory(&'static dyn DirectoryReader),
}

impl InputFormat {
    /// The reader, if it reads reports.
    pub fn report(self) -> Option<&'static dyn Reader> {
        match self {
            InputFormat::Report(reader) => Some(reader),
            InputFormat::Directory(_) => None,
        }
    }

    /// The reader, if it reads employee directories.
    pub fn directory(self) -> Option<&'static dyn DirectoryReader> {
        match self {
            InputFormat::Report(_) => None,
            InputFormat::Directory(reader) => Some(reader),
        }
    }
}

/// A parser that accepts the names of all input formats.
pub fn all_input_formats() -> OneOf<InputFormat> {
    let directories = DIRECTORY_READERS.into_iter().map(DirectoryReader::format);
    let names = READERS.into_iter().map(Reader::format).chain(directories);
    one_of(names, |name| {
        let mut directories = DIRECTORY_READERS.into_iter();
        match directories.find(|reader| reader.format() == name) {
            Some(reader) => Ok(InputFormat::Directory(reader)),
            None => import::by_name(name).map(InputFormat::Report),
        }
    })
}

/// A parser that accepts the names of the input formats of reports.
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
