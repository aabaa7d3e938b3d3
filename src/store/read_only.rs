//! A database on a disk that is mounted to be read only: a backup, a snapshot of a disk, evidence.
//!
//! SQLite shares its write-ahead log through a file beside the database, which cannot be made there.
//! Where nothing is in the log, the database is whole by itself, and nobody can change it: SQLite is
//! told so.

use std::io::ErrorKind;
use std::path::Path;

/// The name by which SQLite takes the file as it is; `None` where it can be written, or where it is
/// not whole without its log.
pub(super) fn unchanging(path: &Path) -> Option<String> {
    let written = std::fs::OpenOptions::new().append(true).open(path);
    if written.err()?.kind() != ErrorKind::ReadOnlyFilesystem {
        return None;
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let mut name = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => name.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => name.push(char::from(*byte)),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(name + "?immutable=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_written_may_change() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(unchanging(file.path()), None);
        assert_eq!(unchanging(Path::new("/nowhere/at all")), None);
    }
}
''')
python3 - <<'E'
p='src/store/mod.rs'; s=open(p).read()
s=s.replace("mod read;\n","mod read;\nmod read_only;\n",1)
s=s.replace('''        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
''','''        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match read_only::unchanging(path) {
            Some(name) => Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI)?,
            None => Connection::open_with_flags(path, flags)?,
        };
''')
open(p,'w').write(s)

p='src/command/snapshots.rs'; s=open(p).read()
a=s.index("        match &self.action {\n            None => list("); b=s.index("/// Streams the records:")
s=s[:a]+'''        let mut store = Store::open(&global.database()?)?;
        let newest = KnownOnArgs::default();
        let (known_on, only, output) = match &self.action {
            None => (&self.known_on, None, &self.output),
            Some(Action::List { known_on, output }) => (known_on, None, output),
            Some(Action::Show { id, known_on, output }) => (known_on, Some([*id]), output),
            Some(Action::Export { id, output }) => return export(&store, *id, output, world),
            Some(Action::Void { id, reason, output }) => {
                void(&mut store, *id, true, Some(reason), world.now)?;
                (&newest, Some([*id]), output)
            }
            Some(Action::Restore { id, reason, output }) => {
                void(&mut store, *id, false, reason.as_deref(), world.now)?;
                (&newest, Some([*id]), output)
            }
        };
        let only = only.as_ref().map(<[i64; 1]>::as_slice);
        let answer = report::snapshots(&store, known_on.known_on, only)?;
        output.print(&answer, global, world)?;
        Ok(0)
    }
}

fn void(
    store: &mut Store,
    id: i64,
    voided: bool,
    reason: Option<&str>,
    now: Instant,
) -> Result<()> {
    let import = store.begin(now)?;
'''+s[s.index("    if import.is_voided(id)? == voided {"):]
s=s.replace("fn export(id: i64, output: &OutputArgs, global: &Global, world: &mut World<'_>) -> Result<u8> {","fn export(store: &Store, id: i64, output: &OutputArgs, world: &mut World<'_>) -> Result<u8> {")
a=s.index("fn export(")
s=s[:a]+s[a:].replace("    let store = Store::open(&global.database()?)?;\n","",1)
s=s.replace("use crate::model::Record;","use crate::model::{Instant, Record};")
open(p,'w').write(s)

p='src/command/sources.rs'; s=open(p).read()
s=s.replace('''        let (known_on, output) = match &self.action {''','''        // One connection for what is said and for the answer: what is stored is told of, even where the
        // disk is full by then.
        let mut store = Store::open(&global.database()?)?;
        let (known_on, output) = match &self.action {''')
s=s.replace("set.declare(global, world)?","set.declare(&mut store, global, world.now)?")
s=s.replace("rename(from, to, global, world)?","rename(&mut store, from, to, world.now)?")
s=s.replace("declare(name, &[said], Some(*from), global, world)?","declare(&mut store, name, &[said], Some(*from), world.now)?")
s=s.replace('''        let store = Store::open(&global.database()?)?;
        output.print(&report::sources''','''        output.print(&report::sources''')
s=s.replace("fn declare(&self, global: &Global, world: &mut World<'_>) -> Result<()> {","fn declare(&self, store: &mut Store, global: &Global, now: Instant) -> Result<()> {")
s=s.replace("declare(&self.name, &said, self.from, global, world)","declare(store, &self.name, &said, self.from, now)")
s=s.replace('''fn declare(
    name: &str,
    said: &[Said],
    valid_from: Option<Instant>,
    global: &Global,
    world: &mut World<'_>,
) -> Result<()> {
    let mut store = Store::open(&global.database()?)?;
    let import = store.begin(world.now)?;''','''fn declare(
    store: &mut Store,
    name: &str,
    said: &[Said],
    valid_from: Option<Instant>,
    now: Instant,
) -> Result<()> {
    let import = store.begin(now)?;''')
s=s.replace('''fn rename(from: &str, to: &str, global: &Global, world: &mut World<'_>) -> Result<()> {
    let mut store = Store::open(&global.database()?)?;
    let import = store.begin(world.now)?;''','''fn rename(store: &mut Store, from: &str, to: &str, now: Instant) -> Result<()> {
    let import = store.begin(now)?;''')
open(p,'w').write(s)

p='src/command/links.rs'; s=open(p).read()
s=s.replace('''        let (as_of, output) = match &self.action {
            None => (&self.as_of, &self.output),
            Some(Action::List { as_of, output }) => (as_of, output),''','''        let (as_of, output, store) = match &self.action {
            None => (&self.as_of, &self.output, Store::open(&global.database()?)?),
            Some(Action::List { as_of, output }) => {
                (as_of, output, Store::open(&global.database()?)?)
            }''')
import re
s=s.replace('''                pair.declare(says, Some(reason), global, world)?;
                (&newest, output)''','''                (&newest, output, pair.declare(says, Some(reason), global, world.now)?)''')
s=s.replace('''                pair.declare(LinkSays::Nothing, reason.as_deref(), global, world)?;
                (&newest, output)''','''                let says = LinkSays::Nothing;
                (&newest, output, pair.declare(says, reason.as_deref(), global, world.now)?)''')
s=s.replace('''        let answer = global.ask(asked.known_on, |ledger| report::links(ledger, &asked))?;
        output.print(&answer''','''        let answer = report::links(&Ledger::open(&store, asked.known_on)?, &asked)?;
        output.print(&answer''')
s=s.replace('''    fn declare(
        &self,
        says: LinkSays,
        reason: Option<&str>,
        global: &Global,
        world: &mut World<'_>,
    ) -> Result<()> {''','''    /// Gives the connection that has written it, so that the answer needs no other one.
    fn declare(
        &self,
        says: LinkSays,
        reason: Option<&str>,
        global: &Global,
        now: Instant,
    ) -> Result<Store> {''')
s=s.replace('''        let import = store.begin(world.now)?;
        import.link(says, &ends, reason, self.from)?;
        import.commit()
''','''        let import = store.begin(now)?;
        import.link(says, &ends, reason, self.from)?;
        import.commit()?;
        Ok(store)
''')
s=s.replace("use crate::report::{self, AsOf};","use crate::report::{self, AsOf, Ledger};")
open(p,'w').write(s)

p='src/command/questions.rs'; s=open(p).read()
s=s.replace('''        let output = match &self.action {
            None => &self.output,
            Some(Action::List { output }) => output,
            Some(Action::Add { name, sql, output }) => {
                add(name, sql, global, world)?;
                output
            }
            Some(Action::Remove { name, output }) => {
                saved(name, global)?;
                save(name, None, global, world)?;
                output
            }''','''        let (output, store) = match &self.action {
            None => (&self.output, Store::open(&global.database()?)?),
            Some(Action::List { output }) => (output, Store::open(&global.database()?)?),
            Some(Action::Add { name, sql, output }) => (output, add(name, sql, global, world.now)?),
            Some(Action::Remove { name, output }) => {
                saved(name, global)?;
                (output, save(name, None, global, world.now)?)
            }''')
s=s.replace('''        let store = Store::open(&global.database()?)?;
        output.print(&report::questions''','''        output.print(&report::questions''')
s=s.replace("fn add(name: &str, sql: &str, global: &Global, world: &mut World<'_>) -> Result<()> {","fn add(name: &str, sql: &str, global: &Global, now: Instant) -> Result<Store> {")
s=s.replace("save(name, Some(sql), global, world)","save(name, Some(sql), global, now)")
s=s.replace('''fn save(name: &str, sql: Option<&str>, global: &Global, world: &mut World<'_>) -> Result<()> {
    let mut store = Store::open(&global.database()?)?;
    let import = store.begin(world.now)?;
    import.save_question(name, sql)?;
    import.commit()
''','''/// Gives the connection that has written it, so that the answer needs no other one.
fn save(name: &str, sql: Option<&str>, global: &Global, now: Instant) -> Result<Store> {
    let mut store = Store::open(&global.database()?)?;
    let import = store.begin(now)?;
    import.save_question(name, sql)?;
    import.commit()?;
    Ok(store)
''')
s=s.replace("use crate::error::{Error, Result, quoted};\n","use crate::error::{Error, Result, quoted};\nuse crate::model::Instant;\n",1)
open(p,'w').write(s)

p='src/command/demo.rs'; s=open(p).read()
s=s.replace('''        if item.status == Status::Refused {
            return Err(Error::new(Kind::Bug''','''        if item.status == Status::Refused && !file.path.exists() {
            return Err(Error::output(format!("{}: the file is gone again", file.path.display()))
                .hint("something else removes files there: name another folder"));
        }
        if item.status == Status::Refused {
            return Err(Error::new(Kind::Bug''')
open(p,'w').write(s)

p='benches/durability/scene.rs'; s=open(p).read()
s=s.replace('''        let ran = self.command(&base.join(DATABASE)).args(["query", sql, "--json"]).output()?;
''','''        // A copy: whoever asks with a connection that cannot write leaves SQLite's log beside the file.
        let copy = tempfile::tempdir()?;
        let file = copy.path().join(DATABASE);
        std::fs::copy(base.join(DATABASE), &file)?;
        let ran = self.command(&file).args(["query", sql, "--json"]).output()?;
''')
open(p,'w').write(s)
