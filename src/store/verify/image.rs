//! The image against the rows that it is made from: made again in the pass over the records.

use rusqlite::Connection;

use super::Verified;
use crate::error::{Error, Result};
use crate::store::image::{self, Builder, ImageForm, KeptForm, RowOf};

/// The image that is made anew meanwhile.
pub enum Anew {
    /// None is kept with which it could be compared.
    None,
    /// It is being made.
    Made(Box<Builder>),
    /// The rows give none.
    Failed(Error),
}

impl Anew {
    /// Begins to make it, with the hashes of the one that is kept.
    pub fn begin(connection: &Connection, verified: &mut Verified) -> Result<Anew> {
        Ok(match image::kept_form(connection)? {
            KeptForm::Form(form) => Anew::Made(Box::new(Builder::of(form))),
            KeptForm::None => {
                note_missing(verified);
                Anew::None
            }
            KeptForm::Damaged => {
                let message = "image_form is not as this program writes it".to_owned();
                verified.broken("image", message);
                Anew::None
            }
        })
    }

    /// What makes its hashes; `None`: nobody wants them.
    pub fn form(&self) -> Option<&ImageForm> {
        match self {
            Anew::Made(builder) => Some(builder.form()),
            Anew::None | Anew::Failed(_) => None,
        }
    }

    /// Adds a state.
    pub fn add<'a>(
        &mut self,
        row: &RowOf<'_>,
        addresses: impl Iterator<Item = (u8, &'a str, Option<&'a str>)>,
        listed: impl Iterator<Item = (u32, &'a str)>,
    ) {
        if let Anew::Made(builder) = self
            && let Err(error) = builder.add(row, addresses, listed)
        {
            *self = Anew::Failed(error);
        }
    }

    /// Compares it with the one that is kept. What is not there is no damage: whoever needs it makes it.
    pub fn compare(self, connection: &Connection, verified: &mut Verified) -> Result<()> {
        let made = match self {
            Anew::None => return Ok(()),
            Anew::Failed(error) if verified.broken.is_empty() => return Err(error),
            // Whatever is wrong with the rows is told of them.
            Anew::Failed(_) => return Ok(()),
            Anew::Made(builder) => builder.finish()?,
        };
        let wrong = image::differing(connection, &made)?;
        if wrong.is_empty() && !image::is_kept(connection)? {
            note_missing(verified);
        }
        for message in wrong {
            verified.broken("image", message);
        }
        Ok(())
    }
}

fn note_missing(verified: &mut Verified) {
    verified.notes.push(
        "the image is not there, or of less than all rows: the next command makes it anew"
            .to_owned(),
    );
}
