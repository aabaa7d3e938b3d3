//! Reads the values of options that must be in a list of names. The help and the completions show the list. If
//! a value is not in the list, the error comes from oneseat and not from clap.

use std::ffi::OsStr;
use std::sync::Arc;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

use crate::error::{Error, Result, quoted};
use crate::import::directory::{DIRECTORY_READERS, DirectoryReader};
use crate::import::{self, READERS, Reader};

/// Finds the value that a name stands for.
type Find<T> = dyn Fn(&str) -> Result<T> + Send + Sync;

/// Reads an option whose value must be one of several names.
#[derive(Clone)]
pub struct OneOf<T> {
    names: Vec<&'static str>,
    find: Arc<Find<T>>,
}

/// Accepts the names `names` as the value of an option. `find` returns what a name stands for, or an error that
/// lists the names.
pub fn one_of<T>(
    names: impl IntoIterator<Item = &'static str>,
    find: impl Fn(&str) -> Result<T> + Send + Sync + 'static,
) -> OneOf<T> {
    OneOf { names: names.into_iter().collect(), find: Arc::new(find) }
}

/// Accepts the names of `values` as the value of an option. The error about any other name says what kind of
/// value is meant (`noun`).
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

/// An input format that the user named: one of reports, or one of employee directories.
#[derive(Clone, Copy)]
pub enum InputFormat {
    /// A format of GitHub's or an instance's reports, with its reader.
    Report(&'static dyn Reader),
    /// A format of employee directories, with its reader.
    Directory(&'static dyn DirectoryReader),
}

impl InputFormat {
    /// The reader for reports; `None` if the format is one of employee directories.
    pub fn report(self) -> Option<&'static dyn Reader> {
        match self {
            InputFormat::Report(reader) => Some(reader),
            InputFormat::Directory(_) => None,
        }
    }

    /// The reader for employee directories; `None` if the format is one of reports.
    pub fn directory(self) -> Option<&'static dyn DirectoryReader> {
        match self {
            InputFormat::Report(_) => None,
            InputFormat::Directory(reader) => Some(reader),
        }
    }
}

/// Accepts the name of any input format as the value of an option.
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

/// Accepts the name of an input format for reports as the value of an option.
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
