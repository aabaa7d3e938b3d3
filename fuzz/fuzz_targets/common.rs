//! What the targets share: sinks, reading with every reader, and reading in both ways.

// Each target uses some of it.
#![allow(dead_code)]

use std::io::Cursor;

use oneseat::error::{ErrorKind, Result};
use oneseat::import::{FileFacts, Input, READERS, Reader, Sink};
use oneseat::model::{Host, Record, SourceKind, account_of};

/// Takes everything, and asks of each record what it means.
struct Everything(SourceKind);

impl Sink for Everything {
    fn source(&mut self, kind: SourceKind, _host: Option<Host>) -> Result<()> {
        self.0 = kind;
        Ok(())
    }

    fn needs_no_host(&self) -> bool {
        true
    }

    fn record(&mut self, record: Record<'_>) -> Result<()> {
        let (mut shape, mut values) = (String::new(), String::new());
        record.write_shape(&mut shape);
        record.write_values(&mut values);
        let stored = Record::from_stored(&shape, &values).expect("what was written can be read");
        assert_eq!(record.to_json(), stored.to_json());
        let _account = account_of(self.0, &record);
        Ok(())
    }

    fn facts(&mut self, _facts: FileFacts) {}
}

/// Writes down what a reader says.
struct Written(Vec<String>);

impl Sink for Written {
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        self.0.push(format!("{kind:?} {host:?}"));
        Ok(())
    }

    fn needs_no_host(&self) -> bool {
        true
    }

    fn record(&mut self, record: Record<'_>) -> Result<()> {
        self.0.push(format!("{record:?}"));
        Ok(())
    }

    fn facts(&mut self, facts: FileFacts) {
        self.0.push(format!("{facts:?}"));
    }
}

/// Reads the bytes with each reader of rows in JSON in the quick way and in the strict one: records,
/// notes and refusal are the same.
pub fn read_both_ways(bytes: &[u8]) {
    for format in ["cloud-consumed-licenses-json", "server-license-usage-json"] {
        let Some(reader) = READERS.into_iter().find(|it| it.format() == format) else { continue };
        let said = |strictly: bool| {
            let mut written = Written(Vec::new());
            let stream = Box::new(Cursor::new(bytes.to_vec()));
            let read = Input::new("fuzz".to_owned(), stream).and_then(|input| {
                let mut input = if strictly { input.strictly() } else { input };
                reader.read(&mut input, &mut written)
            });
            let read = read.map_err(|error| error.report(true));
            (written.0, format!("{read:?}"))
        };
        assert_eq!(said(false), said(true), "{format}");
    }
}

/// Opens the bytes and reads them with each reader that is asked for; errors are those of inputs.
pub fn read(bytes: &[u8], asked: impl Fn(&dyn Reader) -> bool) {
    for reader in READERS.into_iter().filter(|reader| asked(*reader)) {
        let stream = Box::new(Cursor::new(bytes.to_vec()));
        let result = Input::new("fuzz".to_owned(), stream)
            .and_then(|mut input| reader.read(&mut input, &mut Everything(reader.kind())));
        if let Err(error) = result {
            assert_eq!(error.kind, ErrorKind::Input, "{}", error.report(true));
        }
    }
}
