//! Compares the stored image (derived columns) with a new image, which is made from the rows while the records
//! are checked.

use rusqlite::Connection;

use super::Verified;
use crate::code::VerifyCode;
use crate::error::{Error, Result};
use crate::store::image::{self, Builder, ImageForm, KeptForm, RowOf};

/// The image that is made again from the rows, to be compared with the stored one.
pub enum Anew {
    /// There is no usable stored image to compare with, so none is made.
    None,
    /// The image is being made, state by state.
    Made(Box<Builder>),
    /// The image could not be made from the rows.
    Failed(Error),
}

impl Anew {
    /// Begins an image with the hash key of the stored one, so that both can be compared.
    pub fn begin(connection: &Connection, verified: &mut Verified) -> Result<Anew> {
        Ok(match image::kept_form(connection)? {
            KeptForm::Form(form) => Anew::Made(Box::new(Builder::of(form))),
            KeptForm::None => {
                note_missing(verified);
                Anew::None
            }
            KeptForm::Damaged => {
                let message = "the row of image_form is not as this program writes it".to_owned();
                verified.broken(VerifyCode::Image, message);
                Anew::None
            }
        })
    }

    /// The hash key of the image that is being made; `None` if none is made.
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

    /// Compares the image that was made from the rows with the stored one. A missing image is no damage, because
    /// the next command makes it again.
    pub fn compare(self, connection: &Connection, verified: &mut Verified) -> Result<()> {
        let made = match self {
            Anew::None => return Ok(()),
            Anew::Failed(error) if verified.broken.is_empty() => return Err(error),
            // The image could not be made because of faults in the rows, which are already reported.
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
        "the image is missing, or does not cover all rows: the next command rebuilds it".to_owned(),
    );
}
