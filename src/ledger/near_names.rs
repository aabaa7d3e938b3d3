//! The error about an unknown name. A hint suggests the names that the user probably meant (interface.md section
//! 1).

use std::collections::BTreeSet;

use crate::error::{Error, quoted};

/// The largest number of names that a hint lists.
const TOLD: usize = 5;

/// The error about an unknown name of a thing (`what`, such as "enterprise"). Similar ones of `names` become the
/// hint.
pub(crate) fn unknown<'n>(
    what: &str,
    name: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Error {
    let wanted = name.to_lowercase();
    let most = 2.max(wanted.chars().count() / 3);
    let all: BTreeSet<&str> = names.into_iter().collect();
    let near: BTreeSet<(usize, &str)> = all
        .iter()
        .filter_map(|name| {
            let other = name.to_lowercase();
            let part = wanted.len() >= 2 && (other.contains(&wanted) || wanted.contains(&other));
            let far = if part { 0 } else { strsim::osa_distance(&wanted, &other) };
            (far <= most).then_some((far, *name))
        })
        .collect();
    let near: Vec<&str> = near.into_iter().map(|(_, name)| name).take(TOLD).collect();
    let error = Error::usage(format!("there is no {what} {}", quoted(name)));
    match (near.as_slice(), all.len()) {
        ([], 0) => error.hint(format!("import a report that names one: no {what} is known yet")),
        ([], _) => {
            let some: Vec<&str> = all.iter().copied().take(TOLD).collect();
            let more = if all.len() > TOLD { ", …" } else { "" };
            error.hint(format!("use one of these names: {}{more}", some.join(", ")))
        }
        (near, _) => error.hint(format!("did you mean {}?", near.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_first_and_are_few() {
        for (name, names, expected) in [
            ("crop", &["corp", "labs"][..], "did you mean corp?"),
            ("CORP", &["corp", "labs"], "did you mean corp?"),
            ("corporation", &["corp", "labs"], "did you mean corp?"),
            ("zzzzzz", &["corp", "labs"], "use one of these names: corp, labs"),
            (
                "zzzzzz",
                &["aa", "bb", "cc", "dd", "ee", "ff"],
                "use one of these names: aa, bb, cc, dd, ee, …",
            ),
            ("corp", &[], "import a report that names one: no enterprise is known yet"),
        ] {
            let error = unknown("enterprise", name, names.iter().copied());
            let report = error.report(false);
            assert!(report.contains(expected), "{report}");
            assert_eq!(error.kind.exit_code(), 2);
        }
    }
}
