//! Interprets the values of a directory's fields: lists, truth words, ids, and the times of Active
//! Directory (directory.md section 1). The functions of this file work on texts and bytes, never on files.

use super::dates;
use crate::email;
use crate::import::list_text;
use crate::model::Instant;

/// The values in a cell, which are separated by `;`, `,`, `|` or line ends.
pub fn pieces(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', ',', '|', '\n', '\r']).map(email::trimmed).filter(|piece| !piece.is_empty())
}

/// The logins in a cell. A program may have put the list in brackets, and its items in quotes.
pub fn logins(cell: &str) -> impl Iterator<Item = &str> {
    let is_listed = cell.trim_start().starts_with(['[', '{']);
    let around = |sign: char| sign.is_whitespace() || "[]{}\"'".contains(sign);
    let items = pieces(cell).map(move |it| if is_listed { it.trim_matches(around) } else { it });
    items.filter(|item| !item.is_empty())
}

/// Adds a text to a list, unless the list has it, or the text is empty or a word of absence.
pub fn add_text(texts: &mut Vec<String>, text: &str) {
    let text = email::trimmed(text);
    if !text.is_empty()
        && email::nothing_named(text).is_none()
        && !texts.iter().any(|it| it == text)
    {
        texts.reserve_exact(1);
        texts.push(text.to_owned());
    }
}

/// The trimmed text; `None` if it is empty or a word of absence.
pub fn text(text: &str) -> Option<&str> {
    let text = email::trimmed(text);
    (!text.is_empty() && email::nothing_named(text).is_none()).then_some(text)
}

/// Reads a truth value in English, German, French, Spanish or Italian, as spreadsheets write it; `None` for any
/// other text.
pub fn truth(text: &str) -> Option<bool> {
    const WORDS: [(&str, bool); 12] = [
        ("true", true),
        ("false", false),
        ("yes", true),
        ("no", false),
        ("1", true),
        ("0", false),
        ("wahr", true),
        ("falsch", false),
        ("vrai", true),
        ("faux", false),
        ("verdadero", true),
        ("falso", false),
    ];
    let text = text.trim();
    WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, truth)| *truth)
}

/// Whether a person with this Okta status is active. The outer `None` means that the status is unknown, the
/// inner `None` that the status does not say.
pub fn okta_status(text: &str) -> Option<Option<bool>> {
    let status = text.trim().to_ascii_uppercase().replace([' ', '-'], "_");
    Some(match status.as_str() {
        "ACTIVE" | "RECOVERY" | "LOCKED_OUT" | "PASSWORD_EXPIRED" => Some(true),
        "SUSPENDED" => Some(false),
        _ if is_okta_gone(text) => Some(false),
        "STAGED" | "PROVISIONED" => None,
        _ => return None,
    })
}

/// Whether an Okta status is that of somebody who left. Okta's pages show `DEPROVISIONED` as "Deactivated".
pub fn is_okta_gone(text: &str) -> bool {
    ["DEPROVISIONED", "DEACTIVATED"].iter().any(|gone| gone.eq_ignore_ascii_case(text.trim()))
}

/// Whether a person with this Google Workspace status is active. The outer `None` means that the status is
/// unknown.
pub fn google_status(text: &str) -> Option<Option<bool>> {
    let text = text.trim().to_ascii_lowercase();
    let inactive = ["suspended", "archived", "deleted"];
    match text.as_str() {
        "active" => Some(Some(true)),
        text if inactive.iter().any(|word| text.starts_with(word)) => Some(Some(false)),
        _ => None,
    }
}

/// Whether a text is the name of a type, or the text that a shell prints in place of an object.
pub fn is_printed_object(text: &str) -> bool {
    list_text::printed_object(text).is_some()
}

/// Whether a text that is no list is what a shell prints in place of an object. Of the names of types, only those
/// count that nobody has as a login or a department: `system.monitor` may be one.
pub fn is_printed_text(text: &str) -> bool {
    let text = email::trimmed(text);
    let is_name = || {
        let words = text.split('.').count();
        words > 2 || text.ends_with("[]") || text == "System.Object"
    };
    is_printed_object(text) && (text.starts_with(['@', '[']) || is_name())
}

/// Whether an id is a number in scientific form. A spreadsheet writes long numbers in this form and loses
/// digits.
pub fn is_scientific(id: &str) -> bool {
    let id = id.trim();
    let Some((digits, exponent)) = id.split_once(['e', 'E']) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let whole = digits.replacen([',', '.'], "", 1);
    is_number(&whole) && exponent.strip_prefix('+').is_some_and(is_number)
}

/// Reads a GUID and writes it in lower case without braces. As bytes, the first three groups of a GUID are
/// little-endian. As text, a GUID may have braces, and csvde writes its bytes as `X'…'`. Returns `None` for any
/// other value.
pub fn guid(bytes: &[u8]) -> Option<String> {
    if let Ok(bytes) = <[u8; 16]>::try_from(bytes) {
        return Some(guid_of_bytes(bytes));
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let hexadecimal = text.strip_prefix(['X', 'x']).and_then(|it| it.strip_prefix('\''));
    if let Some(digits) = hexadecimal.and_then(|it| it.strip_suffix('\'')) {
        let pairs = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or_default(), 16).ok());
        let bytes: Vec<u8> = pairs.collect::<Option<_>>()?;
        return <[u8; 16]>::try_from(bytes).ok().map(guid_of_bytes);
    }
    let text = text.trim_start_matches('{').trim_end_matches('}').to_ascii_lowercase();
    let is_digit = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    (text.len() == 36 && text.chars().all(is_digit)).then_some(text)
}

fn guid_of_bytes(bytes: [u8; 16]) -> String {
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut text = String::with_capacity(36);
    for (place, from) in ORDER.into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{:02x}", bytes[from]));
    }
    text
}

/// Whether the flags of a `userAccountControl` leave the account enabled; `None` if the text is no number. The
/// number may be hexadecimal (`0x202`).
pub fn is_enabled(user_account_control: &str) -> Option<bool> {
    let text = user_account_control.trim();
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let flags = match hexadecimal {
        // A sign after 0x is no digit.
        Some(digits) if digits.starts_with(['+', '-']) => return None,
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => text.parse().ok()?,
    };
    Some(flags & 0x2 == 0)
}

/// Reads `accountExpires`, the time at which an account expires, in units of 100 ns since 1601, or as a date in
/// ISO form. The outer `None` means that the text cannot be read, the inner `None` that the account never expires.
pub fn account_expires(text: &str) -> Option<Option<Instant>> {
    const UNITS: i64 = 10_000_000;
    const TO_1970: i64 = 11_644_473_600;
    let Ok(units) = text.trim().parse::<i64>() else { return dates::alone(text) };
    if units <= 0 || units == i64::MAX {
        return Some(None);
    }
    // A time before 1970 becomes the beginning of 1970: the account has expired in any case. An account that
    // expires after the year 9999 never expires.
    Some(Instant::from_unix((units / UNITS - TO_1970).max(0)))
}

/// Reads `shadowExpire`, the time at which an account expires, in days since 1970, or as a date in ISO form. The
/// outer `None` means that the text cannot be read, the inner `None` that the account never expires.
pub fn shadow_expires(text: &str) -> Option<Option<Instant>> {
    let Ok(days) = text.trim().parse::<i64>() else { return dates::alone(text) };
    Some(days.checked_mul(86_400).and_then(Instant::from_unix))
}

/// Whether a `RecipientTypeDetails` of Exchange is that of a mailbox that belongs to no person: a shared one, or that of
/// a room.
pub fn is_mailbox_of_nobody(kind: &str) -> bool {
    const OF_NOBODY: [&str; 9] = [
        "shared",
        "room",
        "equipment",
        "scheduling",
        "discovery",
        "group",
        "team",
        "publicfolder",
        "arbitration",
    ];
    let kind = kind.trim().to_ascii_lowercase();
    let kind = kind.strip_suffix("mailbox").unwrap_or_default();
    OF_NOBODY.contains(&kind.trim_start_matches("remote").trim_start_matches("linked"))
}

/// Whether an entry with these object classes is a person; `None` if the entry has no object class.
pub fn is_person<'c>(classes: impl Iterator<Item = &'c str>) -> Option<bool> {
    const PEOPLE: [&str; 4] = ["person", "user", "inetorgperson", "posixaccount"];
    const OTHERS: [&str; 3] = ["computer", "group", "contact"];
    let mut person = None;
    for class in classes {
        let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(class));
        if is(&OTHERS) {
            return Some(false);
        }
        person = Some(person == Some(true) || is(&PEOPLE));
    }
    person
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_in_the_languages_of_spreadsheets() {
        for (text, expected) in [
            ("TRUE", Some(true)),
            (" wahr", Some(true)),
            ("FAUX", Some(false)),
            ("Verdadero", Some(true)),
            ("falso", Some(false)),
            ("0", Some(false)),
            ("on", None),
            ("", None),
        ] {
            assert_eq!(truth(text), expected, "{text}");
        }
    }

    #[test]
    fn logins_in_brackets_are_a_list() {
        for cell in ["ada;bea", "[\"ada\", \"bea\"]", "{ada, bea}", "['ada', 'bea']", " ada | bea"]
        {
            assert_eq!(logins(cell).collect::<Vec<_>>(), ["ada", "bea"], "{cell}");
        }
        assert_eq!(logins("[]").count(), 0);
    }

    #[test]
    fn ids() {
        let expected = Some("99999999-1111-4222-8333-000000000001".to_owned());
        let bytes = b"\x99\x99\x99\x99\x11\x11\x22\x42\x83\x33\0\0\0\0\0\x01";
        assert_eq!(guid(bytes), expected);
        assert_eq!(guid(b"X'99999999111122428333000000000001'"), expected);
        assert_eq!(guid(b"{99999999-1111-4222-8333-000000000001}"), expected);
        assert_eq!(guid(b"nothing"), None);
        assert!(is_scientific("1E+12") && is_scientific("1,23e+11"));
        assert!(!is_scientific("1E12") && !is_scientific("E+1") && !is_scientific("00u1"));
    }

    #[test]
    fn expiry_of_accounts() {
        let shown =
            |at: Option<Option<Instant>>| at.flatten().map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(account_expires("0"), Some(None));
        assert_eq!(account_expires("9223372036854775807"), Some(None));
        assert_eq!(account_expires("9223372036854775806"), Some(None));
        assert_eq!(account_expires("1.34E+17"), None);
        assert_eq!(account_expires("01.08.2026"), None);
        assert_eq!(shown(account_expires("2026-08-01")), "2026-08-01T23:59:59Z");
        assert_eq!(shown(account_expires("133485408000000000")), "2024-01-01T00:00:00Z");
        assert_eq!(shown(account_expires("1")), "1970-01-01T00:00:00Z");
        assert_eq!(shadow_expires("-1"), Some(None));
        assert_eq!(shadow_expires("soon"), None);
        assert_eq!(shown(shadow_expires("19723")), "2024-01-01T00:00:00Z");
        assert_eq!(
            (is_enabled("514"), is_enabled("512"), is_enabled("")),
            (Some(false), Some(true), None)
        );
        assert_eq!(
            (is_enabled("0x202"), is_enabled("0X200"), is_enabled("0x-2"), is_enabled("0x")),
            (Some(false), Some(true), None, None)
        );
    }

    #[test]
    fn objects_that_a_shell_prints() {
        for text in
            ["@{id=1}", "[object Object]", "System.Object[]", "System.Collections.Hashtable"]
        {
            assert!(is_printed_text(text), "{text}");
        }
        for text in ["system.monitor", "Microsoft.Sales", "system.admin@x.example", "[ada]", "@ada"]
        {
            assert!(!is_printed_text(text), "{text}");
        }
    }

    #[test]
    fn mailboxes_of_nobody() {
        for kind in ["SharedMailbox", "roommailbox", "RemoteEquipmentMailbox", "LinkedRoomMailbox"]
        {
            assert!(is_mailbox_of_nobody(kind), "{kind}");
        }
        for kind in ["UserMailbox", "RemoteUserMailbox", "LinkedMailbox", "MailUser", "", "Mailbox"]
        {
            assert!(!is_mailbox_of_nobody(kind), "{kind}");
        }
    }

    #[test]
    fn people_and_others() {
        let is = |classes: &[&str]| is_person(classes.iter().copied());
        assert_eq!(is(&["top", "person", "organizationalPerson", "user"]), Some(true));
        assert_eq!(is(&["top", "person", "user", "computer"]), Some(false));
        assert_eq!(is(&["top", "domainDNS"]), Some(false));
        assert_eq!(is(&[]), None);
    }
}
