//! Compares the stored image with one that is made again from the rows during the pass over the records.

use rusqlite::Connection;

use super::Verified;
use crate::code::VerifyCode;
use crate::error::{Error, Result};
use crate::store::image::{self, Builder, ImageForm, KeptForm, RowOf};

/// The image that is made again for comparison.
pub enum Anew {
    /// No image is stored that it could be compared with.
    None,
    /// The image is being made.
    Made(Box<Builder>),
    /// The image could not be made from the rows.
    Failed(Error),
}

impl Anew {
    /// Begins the image, with the form of the stored one.
    pub fn begin(connection: &Connection, verified: &mut Verified) -> Result<Anew> {
        Ok(match image::kept_form(connection)? {
            KeptForm::Form(form) => Anew::Made(Box::new(Builder::of(form))),
            KeptForm::None => {
                note_missing(verified);
                Anew::None
            }
            KeptForm::Damaged => {
                let message = "image_form is not as this program writes it".to_owned();
                verified.broken(VerifyCode::Image, message);
                Anew::None
            }
        })
    }

    /// The form of the image; `None` if none is made.
    pub fn form(&self) -> Option<&ImageForm> {
        match self {
            Anew::Made(builder) => Some(builder.form()),
            Anew::None | Anew::Failed(_) => None,
        }
    }

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

    /// Compares the image with the stored one. A missing image is no damage: the next command makes it.
    pub fn compare(self, connection: &Connection, verified: &mut Verified) -> Result<()> {
        let made = match self {
            Anew::None => return Ok(()),
            Anew::Failed(error) if verified.broken.is_empty() => return Err(error),
            // The faults of the rows are reported already.
            Anew::Failed(_) => return Ok(()),
            Anew::Made(builder) => builder.finish()?,
        };
        let wrong = image::differing(connection, &made)?;
        if wrong.is_empty() && !image::is_kept(connection)? {
            note_missing(verified);
        }
        for message in wrong {
            verified.broken(VerifyCode::Image, message);
        }
        Ok(())
    }
}

fn note_missing(verified: &mut Verified) {
    verified.notes.push(
        "the image is not there, or does not cover all rows: the next command makes it again"
            .to_owned(),
    );
}
