//! What the targets share: a sink that takes everything, and reading with every reader.

use std::io::Cursor;

use oneseat::error::{Kind, Result};
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

/// Opens the bytes and reads them with each reader that is asked for; errors are those of inputs.
pub fn read(bytes: &[u8], asked: impl Fn(&dyn Reader) -> bool) {
    for reader in READERS.into_iter().filter(|reader| asked(*reader)) {
        let stream = Box::new(Cursor::new(bytes.to_vec()));
        let result = Input::new("fuzz".to_owned(), stream)
            .and_then(|mut input| reader.read(&mut input, &mut Everything(reader.kind())));
        if let Err(error) = result {
            assert_eq!(error.kind, Kind::Input, "{}", error.report(true));
        }
    }
}
