//! Finds the source of a file and the instant at which it was taken (interface.md section 2, "Source" and
//! "Time").

use std::path::{Path, PathBuf};

use super::request::Request;
use crate::error::{Error, Result};
use crate::model::{Host, Instant, Source, SourceKind, TimeInName};

/// The name of the enterprise if its first Cloud report does not state one.
const UNNAMED: &str = "enterprise";

/// How the time of a snapshot can be known, in the words that answers print.
pub const FROM: [&str; 5] = ["option", "content", "file-name", "modified", "now"];

/// The instant at which a snapshot was taken, and how that is known.
#[derive(Debug, Clone, Copy)]
pub struct TakenAt {
    pub instant: Instant,
    /// How the instant is known: from the option, the file's name, its last change (`modified`) or the clock
    /// (`now`).
    pub from: &'static str,
    /// Why the time in the file's name is not used; `None` if it is used, or if there is none.
    doubt: Option<&'static str>,
}

impl TakenAt {
    /// Finds the time of a snapshot: in the option `--taken-at`, else in the name of a file, else in the time
    /// of a file's last change, else by the clock.
    pub fn find(request: &Request<'_>, files: &[PathBuf]) -> TakenAt {
        if let Some(instant) = request.taken_at {
            return TakenAt { instant, from: "option", doubt: None };
        }
        let in_names = files.iter().map(|file| TimeInName::of(&file_name(file)));
        let in_name = in_names.into_iter().find(|it| *it != TimeInName::Silent);
        let doubt = match in_name {
            Some(TimeInName::At(instant)) => {
                return TakenAt { instant, from: "file-name", doubt: None };
            }
            Some(TimeInName::Unsure(why)) => Some(why),
            _ => None,
        };
        match files.iter().find_map(|file| modified(file)) {
            Some(instant) => TakenAt { instant, from: "modified", doubt },
            None => TakenAt { instant: request.now, from: "now", doubt },
        }
    }

    /// Whether the time is only guessed, from the file's last change or from the clock.
    pub fn guessed(self) -> bool {
        matches!(self.from, "modified" | "now")
    }

    /// The warning that the time is guessed, with the ways to state it; `None` if the time is not guessed.
    pub fn warning(self) -> Option<String> {
        let how = match self.from {
            "modified" => "the time of its last change",
            "now" => "the current time",
            _ => return None,
        };
        let why = self.doubt.map(|why| format!(" ({why})")).unwrap_or_default();
        Some(format!(
            "no certain time in the file or in its name{why}; using {how}: {}; state the time with \
             --taken-at, or with a date in the file's name, for instance 2026-09-01T12-30-00Z",
            self.instant
        ))
    }
}

/// The name of a file without its folder. It is empty for standard input.
pub fn file_name(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name == "-" { String::new() } else { name }
}

fn modified(file: &Path) -> Option<Instant> {
    let modified = std::fs::metadata(file).ok()?.modified().ok()?;
    let seconds = modified.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Instant::from_unix(i64::try_from(seconds).ok()?)
}

/// The source of a file, and whether it was guessed. The source's name comes from the option, else from the
/// file's content, else from the file's name. If none states it, the only known source of the kind is guessed,
/// and [`check_guess`] must confirm the guess. If the first Cloud report names no enterprise, the enterprise is
/// called `enterprise`.
///
/// # Errors
/// If nothing determines the source. The hint lists the known names.
pub fn source(
    kind: SourceKind,
    host: Option<Host>,
    request: &Request<'_>,
    files: &[PathBuf],
    known: &[String],
) -> Result<(Source, bool)> {
    let named = if kind.is_instance() {
        host_option(request)?.or(host.map(|host| host.as_str().to_owned()))
    } else {
        let in_name = || files.iter().find_map(|file| enterprise_in_name(&file_name(file)));
        request.enterprise.map(str::to_owned).or_else(in_name)
    };
    match (named, known) {
        (Some(name), _) => Ok((Source { kind, name }, false)),
        (None, [only]) => Ok((Source { kind, name: only.clone() }, true)),
        (None, []) if kind == SourceKind::Cloud => {
            Ok((Source { kind, name: UNNAMED.to_owned() }, false))
        }
        (None, names) => Err(not_told(kind, names)),
    }
}

fn host_option(request: &Request<'_>) -> Result<Option<String>> {
    let Some(text) = request.host else { return Ok(None) };
    let host = Host::new(text).ok_or_else(|| {
        Error::usage(format!("invalid host name in --host: {}", crate::error::quoted(text)))
    })?;
    Ok(Some(host.as_str().to_owned()))
}

fn not_told(kind: SourceKind, names: &[String]) -> Error {
    let option = kind.option();
    let known = if names.is_empty() {
        let example = if kind.is_instance() { "ghes.corp.example" } else { "corp" };
        format!("for instance {option} {example}")
    } else {
        format!("known: {}", names.join(", "))
    };
    Error::input(format!("nothing says which {} the file belongs to", what(kind)))
        .hint(format!("name it with {option}; {known}"))
}

fn what(kind: SourceKind) -> &'static str {
    kind.family().noun()
}

/// The enterprise in a file name such as `consumed_licenses-NAME-….csv`, without the time behind it. The name
/// ends at a character that no enterprise's name has, such as the blank in the ` (1)` of a second download.
fn enterprise_in_name(name: &str) -> Option<String> {
    let rest = name.strip_prefix("consumed_licenses-")?;
    if TimeInName::begins(rest) {
        return None;
    }
    let end = rest.find(|it: char| !it.is_alphanumeric() && it != '-').unwrap_or(rest.len());
    let mut dashes = rest[..end].match_indices('-').map(|(at, _)| at);
    let end = dashes.find(|at| TimeInName::begins(&rest[at + 1..])).unwrap_or(end);
    (end > 0).then(|| rest[..end].to_owned())
}

/// Confirms that a source was guessed rightly: at least half of the file's accounts must be in that snapshot of
/// the source that is nearest in time.
///
/// # Errors
/// If fewer of the accounts are in that snapshot, or if the source has no such snapshot.
pub fn check_guess(
    shared: Option<(u64, u64)>,
    accounts: u64,
    source: &Source,
    kind: SourceKind,
    file: &str,
) -> Result<()> {
    match shared {
        Some((_, shared)) if shared * 2 >= accounts => Ok(()),
        _ => {
            let names = [source.name.clone()];
            let mut error = not_told(kind, &names);
            error.message.push_str(&format!(
                ": less than half of its accounts are in the neighboring snapshot of {}",
                source.name
            ));
            Err(error.at(file, None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enterprises_in_file_names() {
        for (name, expected) in [
            ("consumed_licenses-corp-2026-03-02.csv", Some("corp")),
            ("consumed_licenses-octo-corp-2026-03-02T06-00-00Z.json.gz", Some("octo-corp")),
            ("consumed_licenses-corp-1772439300.csv", Some("corp")),
            ("consumed_licenses-corp-20260302.csv", Some("corp")),
            ("consumed_licenses-corp.csv", Some("corp")),
            ("consumed_licenses-corp-01.09.2026.csv", Some("corp")),
            ("consumed_licenses-corp_2026_09_01.csv", Some("corp")),
            ("consumed_licenses-corp-2026-09.csv", Some("corp")),
            ("consumed_licenses-corp (1).csv", Some("corp")),
            ("consumed_licenses-2026-03-02.csv", None),
            ("report.csv", None),
        ] {
            assert_eq!(enterprise_in_name(name).as_deref(), expected, "{name}");
        }
    }
}
