//! Handles the host names of an import: pairs each `--host` with its file, and refuses a file whose name
//! contains the host of another instance (interface.md section 2, "Source").

use std::path::{Path, PathBuf};

use super::origin::file_name;
use super::request::Request;
use crate::code::RefusalCode;
use crate::error::{Error, Result};
use crate::import::{self, Input};
use crate::model::{Host, SourceKind};

/// Whether a file needs a `--host` that names its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Host,
    Nothing,
    /// Only reading the file shows whether it needs a `--host`.
    Perhaps,
}

/// The host that the command line states for each file. A single `--host` holds for all files. Several hosts
/// hold for the files that need one, in the same order.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the number of hosts differs from the number of files that need a host.
pub fn pair<'r>(request: &Request<'r>) -> Result<Vec<Option<&'r str>>> {
    let files = request.files;
    if let [] | [_] = request.hosts {
        return Ok(vec![request.hosts.first().map(String::as_str); files.len()]);
    }
    if request.pages {
        return Err(Error::usage(
            "several --host are given, but --pages is for the pages of one answer",
        )
        .hint("import the pages of each instance with a command of their own"));
    }
    let needs: Vec<Need> = files.iter().map(|file| need(file, request)).collect();
    let given = request.hosts.len();
    let count = |need: &dyn Fn(Need) -> bool| needs.iter().filter(|it| need(**it)).count();
    let sure = |need: Need| need == Need::Host;
    let perhaps = |need: Need| need != Need::Nothing;
    let wanting: &dyn Fn(Need) -> bool = if count(&sure) == given {
        &sure
    } else if count(&perhaps) == given {
        &perhaps
    } else {
        let wanted = count(&sure);
        return Err(Error::usage(format!(
            "hosts given with --host: {given}, files that need a host: {wanted}"
        ))
        .hint("name one --host for each file of a Server instance, in the same order"));
    };
    let mut hosts = request.hosts.iter().map(String::as_str);
    Ok(needs.iter().map(|need| if wanting(*need) { hosts.next() } else { None }).collect())
}

fn need(file: &Path, request: &Request<'_>) -> Need {
    if file.as_os_str() == "-" {
        return Need::Perhaps;
    }
    let reader = match request.reader {
        Some(reader) => reader,
        None => match Input::open(file).and_then(|input| import::recognize(&input)) {
            Ok(reader) => reader,
            Err(_) => return Need::Perhaps,
        },
    };
    match reader.kind() {
        _ if reader.may_name_instance() => Need::Perhaps,
        SourceKind::ServerAsSynced => Need::Nothing,
        kind if kind.is_instance() => Need::Host,
        _ => Need::Nothing,
    }
}

/// Refuses a file whose name contains one of `hosts` but not the file's own host. `meant` returns the current
/// name for a host, because the host in the file's name may be an alias.
///
/// # Errors
/// [`crate::error::ErrorKind::Input`] with both hosts.
pub fn check_names<'h>(
    files: &[PathBuf],
    own: &str,
    meant: &dyn Fn(&str) -> String,
    hosts: impl Iterator<Item = &'h str>,
) -> Result<()> {
    let mut hosts: Vec<String> = hosts.map(str::to_owned).collect();
    hosts.push(own.to_owned());
    for file in files {
        let name = file_name(file).to_lowercase();
        let held = held(&name, &hosts);
        let is_own = |host: &str| meant(host) == meant(own);
        if held.iter().any(|host| is_own(host)) {
            continue;
        }
        if let Some(other) = held.first() {
            return Err(Error::input(format!(
                "the file name contains {other}, but the host given is {own}"
            ))
            .code(RefusalCode::OtherHost)
            .at(&file.display().to_string(), None)
            .hint("name the hosts in the order of the files, or give the file another name"));
        }
    }
    Ok(())
}

/// Those of `hosts` that occur in a file's name. A host that is only a part of a longer one there does not
/// count.
fn held<'h>(name: &str, hosts: &'h [String]) -> Vec<&'h str> {
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for host in hosts.iter().filter(|host| host.len() > 3) {
        // In a file's name, the port of a host is left out or written in another way, so the host is searched
        // without it.
        let plain = host.split(':').next().unwrap_or(host);
        let bounded = |at: usize| {
            let word = |it: char| it.is_alphanumeric() || it == '.';
            let before = name[..at].chars().next_back();
            let after = name[at + plain.len()..].chars().next();
            !before.is_some_and(word) && !after.is_some_and(char::is_alphanumeric)
        };
        let places = name.match_indices(plain).map(|(at, _)| at).filter(|at| bounded(*at));
        found.extend(places.map(|at| (at, plain.len(), host.as_str())));
    }
    let within = |(at, length, _): &(usize, usize, &str)| {
        found.iter().any(|(start, longer, _)| {
            longer > length && start <= at && at + length <= start + longer
        })
    };
    found.iter().filter(|it| !within(it)).map(|(_, _, host)| *host).collect()
}

/// The host name in the form in which hosts are compared: lower case, and without a usual port.
pub fn plain(host: &str) -> String {
    Host::new(host).map_or_else(|| host.to_owned(), |host| host.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_in_names() {
        let hosts = [
            "ghes1.corp.example",
            "ghes2.corp.example",
            "corp.example",
            "ghe",
            "ghes3.corp.example:8443",
            "s3.corp.example",
        ];
        let hosts = hosts.map(str::to_owned);
        for (name, expected) in [
            ("ghes1.corp.example.csv", vec!["ghes1.corp.example"]),
            ("users-ghes2.corp.example-2026-03-02.csv", vec!["ghes2.corp.example"]),
            ("ghes1_ghes2.corp.example.csv", vec!["ghes2.corp.example"]),
            ("ghes3.corp.example.csv", vec!["ghes3.corp.example:8443"]),
            ("xghes1.corp.example.csv", vec![]),
            ("corp.example.csv", vec!["corp.example"]),
            ("ghe-users.csv", vec![]),
            ("all_users.csv", vec![]),
        ] {
            assert_eq!(held(name, &hosts), expected, "{name}");
        }
    }
}
