//! A database with several names. Only the name leads from a file to its log, so a file with hard links is not
//! written. A symbolic link leads to the file as the file's own name does.

use std::path::Path;

use crate::check::{Left, State, judge, rows, told};
use crate::scene::{DATABASE, Job, Keeps, Scene};
use crate::{Report, Result};

/// The second name of the database.
const SECOND: &str = "second.db";

pub fn run(scene: &Scene, report: &mut Report) -> Result<()> {
    report.title("A database with several names", &["command", "hard links", "symbolic links"]);
    let has_database = |job: &&Job| !job.several && (job.old.is_some() || job.asked_of != DATABASE);
    for job in scene.jobs.iter().filter(has_database) {
        let mut cells = vec![job.name.clone()];
        for (name, seen) in [("hard", hard(scene, job)?), ("symbolic", symbolic(scene, job)?)] {
            match seen {
                Ok(cell) => cells.push(cell),
                Err(wrong) => report.wrong(format!("links: {}, {name}: {wrong}", job.name)),
            }
        }
        report.line(&cells);
    }
    Ok(())
}

/// The file has a second name. A write is refused, and nothing in the file has changed.
fn hard(scene: &Scene, job: &Job) -> Result<std::result::Result<String, String>> {
    let folder = scene.fresh(job)?;
    let (file, second) = (job.file(&folder), folder.join(SECOND));
    std::fs::hard_link(&file, &second)?;
    let (bytes, all_rows) = (std::fs::read(&file)?, rows(&file)?);
    let ran = job.command(scene, &folder).output()?;
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    let unchanged = std::fs::read(&second)? == bytes;
    let (cell, kept) = match (job.keeps, job.schema, ran.status.code()) {
        (Keeps::Changes, None, Some(4)) if said.contains("several names") => {
            ("refused", unchanged && std::fs::read(&file)? == bytes)
        }
        // A question is answered from a copy.
        (Keeps::Changes, Some(_), Some(0)) if said.contains("several names") => {
            ("answered", unchanged && std::fs::read(&file)? == bytes)
        }
        (Keeps::Database, None, Some(0)) => ("read", unchanged && std::fs::read(&file)? == bytes),
        // The new file has one name. The other one still leads to the earlier database.
        (Keeps::Aside, None, Some(0)) => ("put aside", rows(&second)? == all_rows),
        _ => return Ok(Err(told(&ran))),
    };
    if !kept {
        return Ok(Err(format!("the file has changed: {}", told(&ran))));
    }
    std::fs::remove_file(second)?;
    let wanted = match cell {
        "refused" | "answered" => State::Old,
        _ => State::New,
    };
    judged(scene, job, &folder, wanted, cell)
}

/// The database is named by a link in another folder, and by a link to that link.
fn symbolic(scene: &Scene, job: &Job) -> Result<std::result::Result<String, String>> {
    let mut cell = String::new();
    for links in 1..=2 {
        let folder = scene.fresh(job)?;
        let elsewhere = tempfile::tempdir()?;
        let mut named = folder.join(DATABASE);
        for number in 1..=links {
            let link = elsewhere.path().join(format!("link-{number}.db"));
            std::os::unix::fs::symlink(&named, &link)?;
            named = link;
        }
        let ran = scene.command(&named).args(&job.words).output()?;
        if !ran.status.success() {
            return Ok(Err(told(&ran)));
        }
        for entry in std::fs::read_dir(elsewhere.path())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // The copy of an old schema takes the name on the command line.
            if !entry.file_type()?.is_symlink() && !name.contains(".schema-") {
                return Ok(Err(format!("{name} is beside the link")));
            }
        }
        match judged(scene, job, &folder, State::New, "written")? {
            Ok(written) => cell = written,
            wrong => return Ok(wrong),
        }
    }
    Ok(Ok(cell))
}

fn judged(
    scene: &Scene,
    job: &Job,
    folder: &Path,
    wanted: State,
    cell: &str,
) -> Result<std::result::Result<String, String>> {
    Ok(match judge(scene, job, folder, Left::Nothing)? {
        Ok(state) if state == wanted => Ok(cell.to_owned()),
        Ok(state) => Err(format!("{cell}, but the answers are {state:?}")),
        Err(wrong) => Err(format!("{cell}, but {wrong}")),
    })
}
