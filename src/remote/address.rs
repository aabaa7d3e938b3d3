//! Functions for URLs: the origin of a URL, the next page of a list, and the check that the token goes to no
//! other host.

use crate::error::{Error, Result, quoted};

/// The URL to which a host's requests are sent: the scheme, the host, the port, and the path with which the
/// path of every request begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    origin: String,
    path: String,
}

impl Base {
    /// Parses a base URL.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Usage`] if the URL is invalid, or if the token would be sent unencrypted:
    /// `http://` is allowed for loopback only.
    pub fn new(text: &str) -> Result<Base> {
        let wrong = |why: &str| {
            Err(Error::usage(format!("invalid address: {}: {why}", quoted(text))).hint(
                "write an address such as https://api.github.com or https://ghes.corp.example",
            ))
        };
        let text = text.trim().trim_end_matches('/');
        let Some((scheme, rest)) = text.split_once("://") else {
            return wrong("it does not begin with https://");
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(Error::usage("an address must not contain a user or a password").hint(
                "put the token into the environment, or name a token_command or a token_file",
            ));
        }
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if authority.is_empty() || !plain || path.contains(['?', '#']) {
            return wrong("it is not a valid URL");
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority) => {}
            "http" => return wrong("a token would go over the network unencrypted"),
            _ => return wrong("only https:// is supported"),
        }
        let origin = origin_of(text).unwrap_or_default();
        Ok(Base { origin, path: path.to_owned() })
    }

    /// The URL of a request to the path `path` of this host.
    pub fn join(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }

    /// The host and its port, as messages name them.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// Is the host this machine itself?
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// Do the URL `address` and the base URL have the same scheme, host and port? The token may be sent to no
    /// other URL.
    pub fn owns(&self, address: &str) -> bool {
        origin_of(address).is_some_and(|origin| origin == self.origin)
    }

    /// The URL to which a redirect leads. `location` is a complete URL, or a path on the same host; `None` if
    /// it is neither.
    pub fn resolve(&self, location: &str) -> Option<String> {
        if location.starts_with("//") {
            let scheme = self.origin.split_once("://").map_or("https", |(scheme, _)| scheme);
            return Some(format!("{scheme}:{location}"));
        }
        if location.starts_with('/') {
            return Some(format!("{}{location}", self.origin));
        }
        origin_of(location).map(|_| location.to_owned())
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { authority }
    });
    let host = host.trim_matches(['[', ']']);
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The scheme, the host and the port of a URL, in the form in which they are compared. `None` if the URL is
/// neither HTTP nor HTTPS, or if it has a user or a password.
pub fn origin_of(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let default = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.to_ascii_lowercase();
    let authority = authority.strip_suffix(default).unwrap_or(&authority);
    let plain = !authority.is_empty() && !authority.contains('@');
    plain.then(|| format!("{scheme}://{authority}"))
}

/// The text as a segment of the path of a URL: every byte other than letters, digits, `-`, `_` and `.` becomes
/// `%XX`.
pub fn path_part(text: &str) -> String {
    let mut part = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                part.push(char::from(byte));
            }
            _ => part.push_str(&format!("%{byte:02X}")),
        }
    }
    part
}

/// The URL to which a `Link` header refers with a relation such as `next` (RFC 8288).
pub fn link(header: &str, relation: &str) -> Option<String> {
    for part in header.split(",").map(str::trim) {
        let Some(rest) = part.strip_prefix('<') else { continue };
        let Some((address, parameters)) = rest.split_once('>') else { continue };
        let named = parameters.split(';').filter_map(|it| it.trim().split_once('='));
        let is_it = |(name, value): (&str, &str)| {
            let mut relations = value.trim().trim_matches('"').split(' ');
            name.trim().eq_ignore_ascii_case("rel")
                && relations.any(|it| it.eq_ignore_ascii_case(relation))
        };
        if named.into_iter().any(is_it) {
            return Some(address.to_owned());
        }
    }
    None
}

/// The number of the page for which a URL asks in `page=`; `None` if it names none.
pub fn page_number(address: &str) -> Option<u64> {
    let query = address.split_once('?')?.1;
    query.split('&').find_map(|it| it.strip_prefix("page="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_its_own_host_only() {
        let base = Base::new("https://api.github.com/").expect("an address");
        assert_eq!(base.join("/x"), "https://api.github.com/x");
        for (address, owned) in [
            ("https://api.github.com/enterprises/1?page=2", true),
            ("https://API.github.com:443/x", true),
            ("http://api.github.com/x", false),
            ("https://api.github.com.evil.example/x", false),
            ("https://api.github.com@evil.example/x", false),
            ("https://evil.example\\@api.github.com/x", false),
            ("https://api.github.com:8443/x", false),
            ("ftp://api.github.com/x", false),
        ] {
            assert_eq!(base.owns(address), owned, "{address}");
        }
        assert_eq!(base.resolve("/y").as_deref(), Some("https://api.github.com/y"));
        assert!(!base.owns(&base.resolve("//evil.example/y").expect("an address")));
    }

    #[test]
    fn what_is_no_address_or_not_safe_is_refused() {
        for text in [
            "",
            "api.github.com",
            "http://ghes.corp.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example:80",
            "ftp://x",
            "https://",
            "https://user:secret@ghes.corp.example",
            "https://a b",
            "https://a/?q",
        ] {
            assert!(Base::new(text).is_err(), "{text}");
        }
        for text in ["http://127.0.0.1:8080", "http://[::1]:80", "http://localhost", "https://g/h"]
        {
            assert!(Base::new(text).is_ok(), "{text}");
        }
        for (text, loopback) in [
            ("https://127.0.0.1", true),
            ("https://127.8.9.10:8443/api", true),
            ("https://LOCALHOST:80", true),
            ("https://[::1]", true),
            ("https://127.0.0.1.corp.example", false),
            ("https://ghes.corp.example:127", false),
            ("https://[2001:db8::1]", false),
        ] {
            assert_eq!(Base::new(text).expect("an address").is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn the_next_page_of_a_link_header() {
        let header = "<https://a/b?page=1>; rel=\"prev\", <https://a/b?per_page=100&page=3>; \
                      rel=\"next\", <https://a/b?per_page=100&page=9>; rel=\"last\"";
        assert_eq!(link(header, "next").as_deref(), Some("https://a/b?per_page=100&page=3"));
        assert_eq!(link(header, "last").as_deref().and_then(page_number), Some(9));
        assert_eq!(link(header, "first"), None);
        assert_eq!(link("garbage, <, <x>; rel", "next"), None);
        assert_eq!(path_part("octo corp/é"), "octo%20corp%2F%C3%A9");
    }
}
