//! Judges texts by themselves: splits addresses into parts, and recognizes words that name a role and not a
//! person (counting.md section 5). The texts must be keys or lower-case logins. This file must not use accounts.

/// Words that name a role. A login or local part that names a role is neither likely nor possible evidence.
const ROLES: [&str; 36] = [
    "admin",
    "administrator",
    "root",
    "info",
    "contact",
    "support",
    "help",
    "helpdesk",
    "service",
    "svc",
    "bot",
    "build",
    "builds",
    "ci",
    "cd",
    "deploy",
    "release",
    "jenkins",
    "test",
    "tests",
    "demo",
    "dev",
    "devops",
    "ops",
    "team",
    "office",
    "sales",
    "noreply",
    "no-reply",
    "mail",
    "postmaster",
    "webmaster",
    "git",
    "github",
    "user",
    "guest",
];

/// The local part and the domain of an address, split at the last `@`; `None` if the text has no `@`.
pub fn parts(key: &str) -> Option<(&str, &str)> {
    key.rsplit_once('@')
}

/// The local part of an address, or the whole text if it is not an address.
pub fn local_part(key: &str) -> &str {
    parts(key).map_or(key, |(local, _)| local)
}

/// A local part or login without its `+tag`. A text that begins with `+` is only a tag and stays as it is.
pub fn without_tag(text: &str) -> &str {
    match text.find('+') {
        None | Some(0) => text,
        Some(plus) => &text[..plus],
    }
}

/// Does a login or local part name a role? A `+tag` is ignored, and so are digits, hyphens, underscores and dots
/// at both ends.
pub fn names_a_role(text: &str) -> bool {
    let at_ends = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '_' | '.');
    ROLES.contains(&without_tag(text).trim_matches(at_ends))
}

/// Is this the domain of addresses that GitHub generates, `users.noreply.*`?
pub(super) fn is_noreply_domain(domain: &str) -> bool {
    domain.starts_with("users.noreply.")
}

/// Can this address be likely or possible evidence? An address that names a role or that GitHub has generated
/// cannot.
pub fn tells_a_person(key: &str) -> bool {
    let made_up = parts(key).is_some_and(|(_, domain)| is_noreply_domain(domain));
    !made_up && !names_a_role(local_part(key))
}

/// The login of a managed user without its `_shortcode`; `None` if the login has no shortcode.
pub fn without_shortcode(login: &str) -> Option<&str> {
    let (name, _) = login.rsplit_once('_')?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_behind_tags_and_digits() {
        for role in ["admin", "build-2", "07.ops", "no-reply", "test+x", "svc_", "dev1+a+b"] {
            assert!(names_a_role(role), "{role}");
        }
        for person in ["ada", "administratrix", "adminka", "a-test-b", "", "+admin"] {
            assert!(!names_a_role(person), "{person}");
        }
    }

    #[test]
    fn addresses_that_tell_nobody() {
        assert!(tells_a_person("ada@corp.example"));
        assert!(!tells_a_person("admin+x@corp.example"));
        assert!(!tells_a_person("12+ada@users.noreply.github.com"));
        assert_eq!(parts("\"a@b\"@c"), Some(("\"a@b\"", "c")));
    }

    #[test]
    fn a_managed_user_loses_its_shortcode() {
        assert_eq!(without_shortcode("ada_corp"), Some("ada"));
        assert_eq!(without_shortcode("ada"), None);
        assert_eq!(without_shortcode("_corp"), None);
    }
}
