//! An entry of an employee directory whose texts are borrowed: what an import needs of each of a million people,
//! without a copy of anything.

use smallvec::SmallVec;

use super::Instant;
use super::record::write_string;

/// The texts of one kind that an entry has. Most entries have only a few of them.
pub type FewTexts<'e> = SmallVec<[&'e str; 4]>;

/// An entry as [`super::DirectoryEntry`] has it, as far as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryTexts<'e> {
    /// The id of the person in the directory.
    pub id: &'e str,
    /// Another id of the person in the directory.
    pub other_id: Option<&'e str>,
    /// The addresses as received.
    pub addresses: FewTexts<'e>,
    /// The address that the directory marks as primary, as received.
    pub primary: Option<&'e str>,
    /// The names that the person signs in with at the directory.
    pub sign_ins: FewTexts<'e>,
    /// The manager of the person.
    pub manager: Option<&'e str>,
    /// The department or the cost center of the person.
    pub unit: Option<&'e str>,
    /// The display name of the person.
    pub name: Option<&'e str>,
    /// The logins of the person on Cloud.
    pub logins: FewTexts<'e>,
    /// The logins of the person on instances, each with its host.
    pub server_logins: SmallVec<[(&'e str, &'e str); 1]>,
    /// Is the person's account active? `None` if the file does not state it.
    pub active: Option<bool>,
    /// The time when the person left or will leave.
    pub left: Option<Instant>,
    /// The time when the account expires.
    pub expires: Option<Instant>,
}

impl EntryTexts<'_> {
    /// Appends the details of the entry to `out`: a JSON object with the fields that are there, in the order of
    /// their names. The database stores this text, and the record of the entry has its digest.
    pub fn write_details(&self, out: &mut String) {
        out.push('{');
        if !self.addresses.is_empty() {
            out.push_str("\"addresses\":");
            write_list(&self.addresses, out);
            out.push(',');
        }
        out.push_str("\"id\":");
        write_string(self.id, out);
        if !self.logins.is_empty() {
            out.push_str(",\"logins\":");
            write_list(&self.logins, out);
        }
        for (name, text) in [
            (",\"manager\":", self.manager),
            (",\"name\":", self.name),
            (",\"other_id\":", self.other_id),
            (",\"primary\":", self.primary),
        ] {
            if let Some(text) = text {
                out.push_str(name);
                write_string(text, out);
            }
        }
        for (at, (host, login)) in self.server_logins.iter().enumerate() {
            out.push_str(if at == 0 { ",\"server_logins\":[" } else { "," });
            write_list(&[host, login], out);
        }
        if !self.server_logins.is_empty() {
            out.push(']');
        }
        if !self.sign_ins.is_empty() {
            out.push_str(",\"sign_ins\":");
            write_list(&self.sign_ins, out);
        }
        if let Some(unit) = self.unit {
            out.push_str(",\"unit\":");
            write_string(unit, out);
        }
        out.push('}');
    }
}

fn write_list(texts: &[&str], out: &mut String) {
    out.push('[');
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_string(text, out);
    }
    out.push(']');
}
