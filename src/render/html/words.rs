//! Words for people: days, lengths of time, and the names of what answers call by a code.

use chrono::DateTime;

use crate::model::Instant;

/// A day for people: `29 Jun 2026`.
pub(super) fn day(at: Instant) -> String {
    formatted(at, "%-d %b %Y")
}

/// A day and a time for people: `29 Jun 2026, 06:00 UTC`.
pub(super) fn day_and_time(at: Instant) -> String {
    formatted(at, "%-d %b %Y, %H:%M UTC")
}

/// An instant in a format of chrono.
pub(super) fn formatted(at: Instant, format: &str) -> String {
    let time = DateTime::from_timestamp(at.unix(), 0);
    time.map_or_else(|| at.to_string(), |time| time.format(format).to_string())
}

/// The name of a kind of seat.
pub(super) fn kind(kind: &str) -> &str {
    match kind {
        "cloud_only" => "Cloud only",
        "cloud_and_server" => "Cloud and Server",
        "server_only" => "Server only",
        other => other,
    }
}

/// A code in words: `same-login` is "same login".
pub(super) fn code(word: &str) -> String {
    match word {
        "saml-username" => "SAML username".to_owned(),
        "visual-studio-email" => "Visual Studio address".to_owned(),
        "secondary-email" => "secondary address".to_owned(),
        "near-email" => "near address".to_owned(),
        "invited-by-email" => "invited by address".to_owned(),
        other => other.replace(['-', '_'], " "),
    }
}

/// Who acts, in words: `server-admin` is "Server administrator".
pub(super) fn actor(actor: &str) -> String {
    match actor {
        "server-admin" => "Server administrator".to_owned(),
        "identity-admin" => "Identity administrator".to_owned(),
        "visual-studio-admin" => "Visual Studio administrator".to_owned(),
        "owner" => "Enterprise owner".to_owned(),
        "user" => "The user".to_owned(),
        other => code(other),
    }
}
