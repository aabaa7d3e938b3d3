//! Host names of instances, and the ids of their accounts in Cloud rows (counting.md section 2, "Server ids
//! in Cloud rows").

use std::cmp::Ordering;

/// The host name of an instance in the form in which hosts are compared: in lower case, without port 443 or 80,
/// and without a final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

impl Host {
    /// The host in a text that may also have a port, a scheme and a path. `None` if the text names no host.
    pub fn new(text: &str) -> Option<Host> {
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let text = text.split(['/', '?', '#']).next().unwrap_or_default();
        let (name, port) = split_port(text);
        let name = name.trim_end_matches('.').to_lowercase();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        Some(match port {
            None | Some("443" | "80" | "") => Host(name),
            Some(port) => Host(format!("{name}:{port}")),
        })
    }

    /// The host name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Splits a text of the form `NAME:PORT`. An IPv6 address in brackets counts as a name.
fn split_port(text: &str) -> (&str, Option<&str>) {
    let after_bracket = text.rfind(']').map_or(0, |at| at + 1);
    match text[after_bracket..].find(':') {
        Some(at) => (&text[..after_bracket + at], Some(&text[after_bracket + at + 1..])),
        None => (text, None),
    }
}

/// A Server account that a Cloud row lists: its id, and its host if the row states one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerId {
    /// The host of the instance; `None` if the row lists the id alone.
    pub host: Option<Host>,
    /// The id on that instance: digits, without leading zeros.
    pub id: String,
}

impl ServerId {
    /// Parses one entry of the field `enterprise_server_user_ids`. `D` stands for an id, which consists of digits.
    /// The forms are tried in this order: `D:HOST[:PORT][:Role]`, `HOST[:PORT]:D`, and a bare `D`. `None` if the
    /// text has none of these forms.
    pub fn parse(text: &str) -> Option<ServerId> {
        let text = text.trim();
        if let Some(id) = digits(text) {
            return Some(ServerId { host: None, id });
        }
        if let Some((first, rest)) = text.split_once(':')
            && let Some(id) = digits(first)
        {
            return Some(ServerId { host: Some(Host::new(&without_role(rest))?), id });
        }
        let (host, last) = text.rsplit_once(':')?;
        Some(ServerId { host: Some(Host::new(host)?), id: digits(last)? })
    }
}

impl ServerId {
    /// A quick check: has this text the form `HOST:D`, with a host of letters, digits, dots and hyphens?
    /// [`ServerId::parse`] reads every text of this form, and may also read a text for which the answer is `false`.
    pub fn is_plainly_one(text: &str) -> bool {
        let Some((host, id)) = text.rsplit_once(':') else { return false };
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        host.bytes().all(is_sign)
            && host.bytes().any(|byte| byte != b'.')
            && !id.is_empty()
            && id.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Removes the role from a text of the form `HOST[:PORT][:Role]`.
fn without_role(text: &str) -> String {
    let (name, rest) = split_port(text);
    match rest.and_then(|rest| rest.split(':').next()) {
        Some(port) if digits(port).is_some() => format!("{name}:{port}"),
        _ => name.to_owned(),
    }
}

fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = text.trim_start_matches('0');
    Some(if significant.is_empty() { "0" } else { significant }.to_owned())
}

/// The order of ids: the empty id first, then ids that consist of digits, as numbers, then all others by bytes.
pub fn compare_ids(a: &str, b: &str) -> Ordering {
    match (digits(a), digits(b)) {
        (Some(x), Some(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(&y)).then_with(|| a.cmp(b)),
        (Some(_), None) if !b.is_empty() => Ordering::Less,
        (None, Some(_)) if !a.is_empty() => Ordering::Greater,
        _ => a.cmp(b),
    }
}

impl Ord for ServerId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.host.cmp(&other.host).then_with(|| compare_ids(&self.id, &other.id))
    }
}

impl PartialOrd for ServerId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match ServerId::parse(text) {
            Some(ServerId { host: Some(host), id }) => format!("{} {id}", host.as_str()),
            Some(ServerId { host: None, id }) => format!("- {id}"),
            None => "none".into(),
        }
    }

    #[test]
    fn every_form_of_an_id() {
        for (text, expected) in [
            ("ghes1.corp.example:7", "ghes1.corp.example 7"),
            ("GHES1.Corp.Example.:443:7", "ghes1.corp.example 7"),
            ("ghes1:8443:7", "ghes1:8443 7"),
            ("7:ghes1.corp.example:Owner", "ghes1.corp.example 7"),
            ("7:ghes1:8443:Owner", "ghes1:8443 7"),
            ("7:ghes1:80", "ghes1 7"),
            ("[::1]:443:7", "[::1] 7"),
            (" 007 ", "- 7"),
            ("", "none"),
            ("ghes1", "none"),
            (":7", "none"),
            ("ghes1:seven", "none"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
            assert!(!ServerId::is_plainly_one(text) || expected != "none", "{text}");
        }
        assert!(ServerId::is_plainly_one("ghes1.corp.example:7"));
        assert!(ServerId::parse("7:7").is_some() && ServerId::parse("-:7").is_some());
    }

    #[test]
    fn ids_are_ordered_as_numbers_and_empty_first() {
        let mut ids = ["b", "10", "", "9", "a", "007"];
        ids.sort_by(|a, b| compare_ids(a, b));
        assert_eq!(ids, ["", "007", "9", "10", "a", "b"]);
    }

    #[test]
    fn hosts_as_people_type_them() {
        for (text, expected) in [
            ("https://GHES1.corp.example/", Some("ghes1.corp.example")),
            ("ghes1.corp.example:443", Some("ghes1.corp.example")),
            ("ghes1:8080", Some("ghes1:8080")),
            ("", None),
            ("two words", None),
        ] {
            assert_eq!(Host::new(text).as_ref().map(Host::as_str), expected, "{text}");
        }
    }
}
