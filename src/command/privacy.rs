//! The command `oneseat privacy`, which makes the key of pseudonyms, and the reading of that key.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::config_file::{ConfigArgs, read_config};
use super::global::Global;
use super::spec::{About, Command, Database};
use super::world::World;
use crate::config::Config;
use crate::error::{Error, Result, no_random_numbers};
use crate::private_file;
use crate::pseudonym::{KEY_BYTES, PseudonymKey};

/// Make the key from which pseudonyms are made.
///
/// A pseudonym stands for a person on a page that is made with --pseudonyms. It stays the same as long as the key
/// does. Whoever has the key and a list of names can say who is who, so keep it apart from the pages. The key is
/// never in the database.
///
/// Example: oneseat privacy new-key ~/.config/oneseat/pseudonym.key
#[derive(Args)]
pub struct PrivacyArgs {
    #[command(subcommand)]
    action: PrivacyAction,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Subcommand)]
enum PrivacyAction {
    /// Write a new key into a file that only you can read. An existing file is never overwritten.
    ///
    /// Example: oneseat privacy new-key ~/.config/oneseat/pseudonym.key
    NewKey {
        /// The file of the key [default: key_file in [privacy] of the configuration file].
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

impl Command for PrivacyArgs {
    const ABOUT: About =
        About { name: "privacy", group: "Hand on", database: Database::No, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let PrivacyAction::NewKey { file } = &self.action;
        let configured = match file {
            Some(_) => None,
            None => read_config(&self.config, world)?.and_then(|(_, it)| it.privacy_key_file),
        };
        let Some(file) = file.clone().or(configured) else {
            return Err(Error::usage("no file for the key is named")
                .hint("name it: oneseat privacy new-key FILE")
                .hint("or set key_file in [privacy] of the configuration file"));
        };
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|error| no_random_numbers(&error))?;
        write_key(&file, &key).map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                return Error::usage(format!("{}: the file is there already", file.display()))
                    .hint("another key would give everybody another pseudonym; name another file");
            }
            Error::output(format!("{}: cannot be written", file.display())).caused_by(error)
        })?;
        if !global.quiet {
            // If standard error is closed, the key has been written all the same.
            let _closed = writeln!(
                world.err,
                "oneseat: {}; the configuration names it as\n[privacy]\nkey_file = \"{}\"",
                file.display(),
                file.display()
            );
        }
        Ok(0)
    }
}

fn write_key(file: &Path, key: &[u8]) -> std::io::Result<()> {
    private_file::create(file)?;
    let written = std::fs::OpenOptions::new().write(true).open(file).and_then(|mut file| {
        file.write_all(key)?;
        file.sync_all()
    });
    if written.is_err() {
        // Nothing is left of a key that is not whole.
        let _gone = std::fs::remove_file(file);
    }
    written.and_then(|()| private_file::sync_folder_of(file))
}

/// Reads the key that the configuration names.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if there is none, if it is not a key, or if others can read it.
pub fn pseudonym_key(config: &Config) -> Result<PseudonymKey> {
    let Some(file) = &config.privacy_key_file else {
        return Err(Error::usage("there is no key for pseudonyms")
            .hint("make one: oneseat privacy new-key FILE")
            .hint("then name it in the configuration file: key_file = \"FILE\" in [privacy]"));
    };
    let of = |told: &str| Error::usage(format!("{}: {told}", file.display()));
    let cannot = |error: std::io::Error| {
        of("the key cannot be read")
            .caused_by(error)
            .hint("`oneseat privacy new-key` makes a key where the configuration names it")
    };
    let metadata = std::fs::metadata(file).map_err(cannot)?;
    if private_file::mode(&metadata).is_some_and(private_file::is_open_to_others) {
        return Err(of("others can read the key, so pseudonyms would hide nobody from them")
            .hint("make a new key in another file, for this one may be known: chmod alone hides it again, but not from who has it"));
    }
    let bytes = std::fs::read(file).map_err(cannot)?;
    PseudonymKey::from_bytes(&bytes).ok_or_else(|| {
        of("this is no key")
            .hint(format!("a key has {KEY_BYTES} bytes, as `oneseat privacy new-key` makes it"))
    })
}
