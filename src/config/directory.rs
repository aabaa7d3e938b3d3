//! Checks the tables `[directory.NAME]` of the configuration file, which map the columns of an employee table
//! (directory.md section 1). Every error names the table of the configuration, and the key if there is one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::settings::ConfiguredDirectory;
use crate::error::{Error, Result, quoted};
use crate::model::{ActiveWords, DirectoryMapping, Host, parse_long_age};

/// A table `[directory.NAME]` as the configuration file has it, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDirectory {
    id: Option<String>,
    emails: Option<Vec<String>>,
    logins: Option<Vec<String>>,
    server_logins: Option<BTreeMap<String, String>>,
    active: Option<RawActive>,
    left: Option<String>,
    hired: Option<String>,
    manager: Option<String>,
    unit: Option<String>,
    keep: Option<String>,
    max_age: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawActive {
    column: String,
    #[serde(default)]
    is: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
}

impl RawDirectory {
    /// Checks the table, and returns what it says about the employee directory `name`.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Usage`] with the table and the key, if the table is not valid.
    pub fn checked(self, name: String) -> Result<ConfiguredDirectory> {
        let table = format!("[directory.{name}]");
        let wrong =
            |key: &str, what: &str| Error::usage(format!("{table}: {} {what}", quoted(key)));
        if name.trim().is_empty() {
            return Err(Error::usage("[directory.\"\"] has no name"));
        }
        let keeps_all = match self.keep.as_deref() {
            None => false,
            Some("all") => true,
            Some(_) => return Err(wrong("keep", "can only be \"all\"")),
        };
        let max_age = self.max_age.as_deref().map(parse_long_age).transpose();
        let max_age =
            max_age.map_err(|_| wrong("max_age", "has an invalid age (expected 36h, 8d, 2w)"))?;
        let maps = self.emails.is_some()
            || self.logins.is_some()
            || self.server_logins.is_some()
            || self.active.is_some()
            || [&self.left, &self.hired, &self.manager, &self.unit]
                .into_iter()
                .any(Option::is_some);
        let Some(id) = self.id else {
            return match maps {
                true => Err(wrong("id", "is missing: name the column of the employee's id")),
                false => Ok(ConfiguredDirectory { name, mapping: None, keeps_all, max_age }),
            };
        };
        let mapping = DirectoryMapping {
            id,
            emails: self.emails.unwrap_or_default(),
            logins: self.logins.unwrap_or_default(),
            server_logins: self
                .server_logins
                .unwrap_or_default()
                .into_iter()
                .map(|(host, column)| match Host::new(&host) {
                    Some(host) => Ok((host, column)),
                    None => Err(wrong("server_logins", "has an invalid host name")
                        .hint("write it as { \"HOST\" = \"COLUMN\" }")),
                })
                .collect::<Result<_>>()?,
            active: self.active.map(|it| ActiveWords { column: it.column, is: it.is, not: it.not }),
            left: self.left,
            hired: self.hired,
            manager: self.manager,
            unit: self.unit,
        };
        if mapping.emails.is_empty()
            && mapping.logins.is_empty()
            && mapping.server_logins.is_empty()
        {
            return Err(wrong(
                "emails",
                "is missing: name the columns that hold addresses, or name columns of logins",
            ));
        }
        if mapping.columns().iter().any(|column| column.trim().is_empty()) {
            return Err(Error::usage(format!("{table}: a column has no name")));
        }
        if let Some(active) = &mapping.active {
            let words = || active.is.iter().chain(&active.not);
            if words().next().is_none() {
                return Err(wrong(
                    "active",
                    "has neither \"is\" nor \"not\": name the words in the column that mean active or not active",
                ));
            }
            if words().any(|word| word.trim().is_empty()) {
                return Err(wrong(
                    "active",
                    "has an empty word, but an empty cell of the column has no meaning",
                ));
            }
            let folded = |word: &String| word.trim().to_lowercase();
            let is: Vec<String> = active.is.iter().map(folded).collect();
            if active.not.iter().any(|word| is.contains(&folded(word))) {
                return Err(wrong("active", "has the same word in both \"is\" and \"not\""));
            }
        }
        if mapping.hired.is_some() && mapping.left.is_none() {
            return Err(wrong("hired", "has no effect without \"left\""));
        }
        Ok(ConfiguredDirectory { name, mapping: Some(mapping), keeps_all, max_age })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::Config;
    use super::*;

    fn read(text: &str) -> Result<Config> {
        super::super::file::parse(text, "config.toml", &|path| PathBuf::from(path))
    }

    #[test]
    fn a_whole_mapping() {
        let config = read(
            "[directory.hr]\nid = \"Employee ID\"\nemails = [\"Work Email\", \"Alias\"]\n\
             logins = [\"GitHub\"]\nactive = { column = \"Status\", is = [\"Active\"] }\n\
             left = \"End\"\nhired = \"Start\"\nmanager = \"Boss\"\nunit = \"Cost Center\"\n\
             server_logins = { \"ghes1.corp.example\" = \"Login\" }\n\
             [directory.entra]\nkeep = \"all\"\nmax_age = \"36h\"\n",
        )
        .expect("a configuration");
        let hr = config.directory("HR").and_then(|it| it.mapping.clone()).expect("a mapping");
        let columns = [
            "Employee ID",
            "Work Email",
            "Alias",
            "GitHub",
            "Login",
            "Status",
            "End",
            "Start",
            "Boss",
            "Cost Center",
        ];
        assert_eq!(hr.columns(), columns);
        let entra = config.directory("entra").expect("the directory");
        assert!(entra.keeps_all && entra.mapping.is_none());
        assert_eq!(entra.max_age, Some(129_600));
        assert!(config.directory("other").is_none());
    }

    #[test]
    fn what_is_wrong_names_the_key() {
        for (line, told) in [
            ("emails = [\"E\"]", "[directory.hr]: \"id\" is missing"),
            ("id = \"I\"", "\"emails\" is missing"),
            ("id = \"I\"\nemails = [\" \"]", "a column has no name"),
            ("keep = \"some\"", "\"keep\" can only be"),
            ("max_age = \"soon\"", "\"max_age\" has an invalid age"),
            ("id = \"I\"\nemails = [\"E\"]\nactive = { column = \"S\" }", "\"active\" has neither"),
            (
                "id = \"I\"\nemails = [\"E\"]\nactive = { column = \"S\", is = [\"a\"], not = [\"A \"] }",
                "in both \"is\" and \"not\"",
            ),
            ("id = \"I\"\nemails = [\"E\"]\nhired = \"H\"", "\"hired\" has no effect"),
            ("id = \"I\"\nserver_logins = { \"\" = \"L\" }", "\"server_logins\" has an invalid"),
            ("id = \"I\"\nemail = [\"E\"]", "config.toml:3: unknown field `email`"),
            ("id = 7", "config.toml:2: invalid type"),
        ] {
            let report = read(&format!("[directory.hr]\n{line}\n")).expect_err(line).report(true);
            assert!(report.contains(told) && report.contains("config.toml"), "{line}: {report}");
        }
    }
}
