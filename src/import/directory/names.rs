//! The names of a table's columns, compared by their letters and digits alone (directory.md section 1).

use crate::error::{Error, Result, quoted};

/// The folded form of a column's name: its letters and digits in lower case. A name without letters and digits
/// is only trimmed and put in lower case.
pub fn folded(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    if letters.is_empty() { name.trim().to_lowercase() } else { letters }
}

/// The names of a table's columns, each as written and in folded form.
#[derive(Debug, Default)]
pub struct HeaderNames {
    written: Vec<String>,
    folded: Vec<String>,
}

impl HeaderNames {
    /// The column names in the cells of a header.
    pub fn of(cells: &[String]) -> HeaderNames {
        let written = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        HeaderNames { written, folded: cells.iter().map(|cell| folded(cell)).collect() }
    }

    /// The names as written, in the order of the columns.
    pub fn all(&self) -> &[String] {
        &self.written
    }

    /// Whether a column has this folded name.
    pub fn has(&self, wanted: &str) -> bool {
        self.folded.iter().any(|name| name == wanted)
    }

    /// Whether a column has one of these folded names.
    pub fn has_any(&self, wanted: &[&str]) -> bool {
        wanted.iter().any(|wanted| self.has(wanted))
    }

    /// The indexes of the columns with one of these folded names, in the order of `wanted`. A `#` in a wanted
    /// name stands for a number, so one wanted name may fit several columns.
    ///
    /// # Errors
    /// If two columns have the same name, since nobody can know which of them counts.
    pub fn places(&self, wanted: &[&str]) -> Result<Vec<usize>> {
        let mut places = Vec::new();
        for wanted in wanted {
            let from = places.len();
            let fitting = self.folded.iter().enumerate().filter(|(_, name)| fits(wanted, name));
            places.extend(fitting.map(|(place, _)| place));
            let [first, second, ..] = places[from..] else { continue };
            if !wanted.contains('#') {
                let names = [first, second].map(|place| quoted(&self.written[place]));
                let [first, second] = names;
                return Err(Error::input(match first == second {
                    true => format!("two columns have the name {first}"),
                    false => format!("two columns have the same name: {first} and {second}"),
                })
                .hint("remove one of the columns, or export the list again"));
            }
        }
        Ok(places)
    }

    /// The name of the column at an index, as written.
    pub fn written(&self, place: usize) -> &str {
        self.written.get(place).map_or("", String::as_str)
    }

    /// The names of the columns whose indexes are not among `used`. Columns without a name are left out.
    pub fn beside<'n>(&'n self, used: &'n [usize]) -> impl Iterator<Item = &'n str> {
        let unused = self.written.iter().enumerate().filter(|(place, _)| !used.contains(place));
        unused.map(|(_, name)| name.as_str()).filter(|name| !name.is_empty())
    }
}

/// Whether a folded name fits a pattern, in which `#` stands for a number.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('#') else { return pattern == name };
    let number = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_letters_and_digits() {
        for (written, expected) in [
            ("Email Address [Required]", "emailaddressrequired"),
            ("profile.firstName", "profilefirstname"),
            ("Pers.No.", "persno"),
            ("Größe ", "größe"),
            (" # ", "#"),
        ] {
            assert_eq!(folded(written), expected);
        }
        assert!(fits("emails#address", "emails12address") && fits("aliases#", "aliases0"));
        assert!(!fits("aliases#", "aliases") && !fits("aliases#", "aliasesx"));
    }

    #[test]
    fn one_name_for_two_columns_is_an_error_where_it_is_used() {
        let cells = ["Mail", "ID", "mail", "Title", "Title"].map(str::to_owned);
        let names = HeaderNames::of(&cells);
        assert_eq!(names.places(&["id"]).expect("one"), [1]);
        assert!(
            names.places(&["mail"]).expect_err("two").message.contains("\"Mail\" and \"mail\"")
        );
        assert_eq!(names.beside(&[0, 1, 2]).collect::<Vec<_>>(), ["Title", "Title"]);
    }
}
