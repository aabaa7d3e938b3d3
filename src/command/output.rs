//! Writes an answer in the format that the user asks for, to standard output or into a file. No file is ever
//! left half written.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::global::{Color, Global};
use super::values::{OneOf, one_of};
use super::world::World;
use crate::error::{Error, Result};
use crate::private_file;
use crate::render::{self, PrintOptions, RENDERERS, Renderer};
use crate::table::{Answer, RowSink};
use crate::temporary::{self, TemporaryFile};

/// The output options, which every command with an answer has.
#[derive(Args)]
pub struct OutputArgs {
    /// Write this format [default: by the extension of the output file, else table].
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to this file, which is never left half written.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Separate the fields of CSV by this character [default: a comma; with --decimal-comma a semicolon].
    #[arg(long, value_name = "CHARACTER", value_parser = one_byte)]
    delimiter: Option<u8>,
    /// Begin CSV with a byte-order mark, for spreadsheets that need one.
    #[arg(long)]
    bom: bool,
    /// Write numbers in CSV with a decimal comma, for spreadsheets that expect one.
    #[arg(long)]
    decimal_comma: bool,
    /// Leave cells in CSV as they are, even if a spreadsheet would run them as formulas.
    #[arg(long)]
    raw_cells: bool,
    /// Add the columns as_of, known_on and billing_model to each row of CSV, TSV, NDJSON, Markdown or a
    /// workbook.
    #[arg(long)]
    stamped: bool,
    /// Whether the command writes lists of fixes besides its answer. If so, options for CSV may be meant for the
    /// lists, so the command accepts them even if the answer has another format.
    #[arg(skip)]
    also_lists: bool,
}

/// The formats to which the options for spreadsheets apply: `--delimiter`, `--bom`, `--decimal-comma`,
/// `--raw-cells`.
const SHEETS: [&str; 2] = ["csv", "tsv"];

/// The extensions of the file of `--output`, each with the format that it stands for.
const ENDINGS: [(&str, &str); 8] = [
    ("csv", "csv"),
    ("html", "html"),
    ("json", "json"),
    ("md", "markdown"),
    ("ndjson", "ndjson"),
    ("parquet", "parquet"),
    ("tsv", "tsv"),
    ("xlsx", "xlsx"),
];

fn formats() -> OneOf<String> {
    let names = RENDERERS.iter().map(|renderer| renderer.name());
    one_of(names, |text| render::by_name(text).map(|renderer| renderer.name().to_owned()))
}

fn one_byte(text: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ if text == "\\t" => Ok(b'\t'),
        _ => Err(Error::usage(
            "the delimiter must be one ASCII character other than a quotation mark or a line break",
        )),
    }
}

impl OutputArgs {
    /// The options with which an answer becomes a table on standard output. They are the default.
    pub fn table() -> OutputArgs {
        OutputArgs {
            format: None,
            json: false,
            output: None,
            delimiter: None,
            bom: false,
            decimal_comma: false,
            raw_cells: false,
            stamped: false,
            also_lists: false,
        }
    }

    /// The options of an output into a file.
    pub fn into_file(file: &Path) -> OutputArgs {
        OutputArgs { output: Some(file.to_owned()), ..OutputArgs::table() }
    }

    /// The same options, for a command that also writes lists of fixes into a folder.
    #[must_use]
    pub fn with_lists(&self) -> OutputArgs {
        OutputArgs {
            also_lists: true,
            format: self.format.clone(),
            output: self.output.clone(),
            ..*self
        }
    }

    /// A copy of these options for a page, which is HTML unless another format is asked for, and whose file is
    /// `file` unless another one is named. The name `-` means standard output.
    #[must_use]
    pub fn for_page(&self, file: &str) -> OutputArgs {
        let is_named = self.json || self.format.is_some();
        let mut output = self.output.clone().filter(|it| *it != Path::new("-"));
        let format = match (is_named, self.output.is_some() && output.is_some()) {
            (true, _) => self.format.clone(),
            (false, true) if self.format_name() != "table" => None,
            (false, _) => Some("html".to_owned()),
        };
        if self.output.is_none() && format.as_deref() == Some("html") {
            output = Some(PathBuf::from(file));
        }
        OutputArgs { format, output, ..*self }
    }

    /// Whether the output is the usual one: a table on standard output.
    pub fn is_usual(&self) -> bool {
        self.format_name() == "table" && self.output.is_none()
    }

    /// The name of the output format: the one that the user names, else the one that the extension of the
    /// output file stands for, else `table`.
    pub fn format_name(&self) -> &str {
        if self.json {
            return "json";
        }
        let ending = self.output.as_ref().and_then(|file| file.extension()?.to_str());
        let named = ENDINGS
            .iter()
            .find(|(name, _)| ending.is_some_and(|ending| ending.eq_ignore_ascii_case(name)));
        self.format.as_deref().or(named.map(|(_, format)| *format)).unwrap_or("table")
    }

    /// Refuses an option of output that has no meaning in the format `format`.
    fn check_options(&self, format: &str) -> Result<()> {
        let rows = ["csv", "tsv", "ndjson", "markdown", "xlsx", "html", "parquet"];
        let asked: [(bool, &str, &[&str]); 5] = [
            (self.delimiter.is_some(), "--delimiter", &SHEETS),
            (self.bom, "--bom", &SHEETS),
            (self.decimal_comma, "--decimal-comma", &SHEETS),
            (self.raw_cells, "--raw-cells", &SHEETS),
            (self.stamped, "--stamped", &rows),
        ];
        let wrong = asked.iter().find(|(asked, _, formats)| *asked && !formats.contains(&format));
        match wrong {
            None => Ok(()),
            Some((_, option, formats)) => Err(Error::usage(format!(
                "{option} applies only to {}, but the format is {format}",
                formats.join(", ")
            ))
            .hint(format!("add --format {}, or leave {option} off", formats[0]))),
        }
    }

    /// Calls `write` with the place to write to: the file of `--output`, or standard output. So a command can
    /// write piece by piece.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the output cannot be written; any error of `write`.
    pub fn stream(
        &self,
        world: &mut World<'_>,
        write: &mut dyn FnMut(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        let Some(file) = &self.output else {
            let mut out = std::io::BufWriter::new(&mut *world.out);
            write(&mut out)?;
            return out.flush().map_err(|error| {
                Error::output("standard output cannot be written").caused_by(error)
            });
        };
        if !is_replaceable(file) {
            let device = std::fs::OpenOptions::new().write(true).open(file);
            let device = device.map_err(|error| cannot_write(file, error))?;
            let mut out = std::io::BufWriter::new(device);
            write(&mut out)?;
            return out.flush().map_err(|error| cannot_write(file, error));
        }
        let beside = beside(file).map_err(|error| cannot_write(file, error))?;
        let mut out = std::io::BufWriter::new(beside);
        write(&mut out)?;
        let beside = out.into_inner().map_err(|error| cannot_write(file, error.into_error()))?;
        beside.put_in_place(file).map_err(|error| cannot_write(file, error))
    }

    /// Writes an answer into a file, in the format that is named. Options that do not apply to this format are
    /// ignored.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the file cannot be written.
    pub fn print_into<A: Answer>(
        &self,
        answer: &A,
        format: &str,
        file: &Path,
        global: &Global,
        world: &mut World<'_>,
    ) -> Result<()> {
        let is_sheet = SHEETS.contains(&format);
        let into = OutputArgs {
            format: Some(format.to_owned()),
            output: Some(file.to_owned()),
            json: false,
            delimiter: self.delimiter.filter(|_| is_sheet),
            bom: self.bom && is_sheet,
            decimal_comma: self.decimal_comma && is_sheet,
            raw_cells: self.raw_cells && is_sheet,
            stamped: self.stamped && format != "json",
            also_lists: false,
        };
        into.print(answer, global, world)
    }

    /// Writes an answer in the format that the user asks for, to standard output or into the file of
    /// `--output`.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the output cannot be written.
    pub fn print<A: Answer>(
        &self,
        answer: &A,
        global: &Global,
        world: &mut World<'_>,
    ) -> Result<()> {
        let (renderer, options) = self.renderer(global, world)?;
        let bytes = renderer.render(answer, &options)?;
        match &self.output {
            Some(_) => self.stream(world, &mut |out| put(out, &bytes)),
            None => world.out.write_all(&bytes).and_then(|()| world.out.flush()).map_err(|error| {
                Error::output("standard output cannot be written").caused_by(error)
            }),
        }
    }

    /// Prints bytes that are in the requested format already.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the output cannot be written.
    pub fn print_bytes(&self, bytes: &[u8], global: &Global, world: &mut World<'_>) -> Result<()> {
        self.check_options(self.format_name())?;
        self.stream(world, &mut |out| put(out, bytes))?;
        if let Some(file) = self.output.as_ref().filter(|_| !global.quiet) {
            // If standard error is closed, the file has been written all the same.
            let _closed = writeln!(world.err, "oneseat: {}", file.display());
        }
        Ok(())
    }

    /// Writes an answer that consists of rows only. `ask` supplies the rows, one by one.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the output cannot be written; any error of `ask`.
    pub fn print_rows(
        &self,
        global: &Global,
        world: &mut World<'_>,
        ask: &mut dyn FnMut(&mut dyn RowSink) -> Result<()>,
    ) -> Result<()> {
        if self.stamped {
            return Err(Error::usage("--stamped does not apply to a statement or an export")
                .hint("leave --stamped off; `oneseat tables` lists the columns with instants"));
        }
        let (renderer, options) = self.renderer(global, world)?;
        self.stream(world, &mut |out| {
            let mut printing = render::printing(renderer, out, &options);
            ask(&mut *printing)?;
            let kept = printing.finish()?;
            put(out, &kept.unwrap_or_default())
        })
    }

    /// The renderer for the format that the user asks for, with the options of printing. Refuses options that
    /// do not apply to the format, and a binary format on a terminal.
    fn renderer(
        &self,
        global: &Global,
        world: &World<'_>,
    ) -> Result<(&'static dyn Renderer, PrintOptions)> {
        let renderer = render::by_name(self.format_name())?;
        if !self.also_lists {
            self.check_options(renderer.name())?;
        }
        if renderer.is_binary() && self.output.is_none() && world.width.is_some() {
            let name = renderer.name();
            return Err(Error::usage(format!("{name} cannot be shown on a terminal"))
                .hint(format!("name a file: -o answer.{name}")));
        }
        let terminal = self.is_on_terminal(world);
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => self.output.is_none() && world.width.is_some() && !no_color,
        };
        let Self { bom, decimal_comma, raw_cells, stamped, .. } = *self;
        let usual = if decimal_comma { b';' } else { b',' };
        let delimiter = self.delimiter.unwrap_or(usual);
        let width = world.width.filter(|_| self.output.is_none());
        let table_width = Some(self.table_width(world));
        Ok((
            renderer,
            PrintOptions {
                delimiter,
                bom,
                decimal_comma,
                raw_cells,
                stamped,
                terminal,
                width,
                table_width,
                color,
            },
        ))
    }

    /// Whether the output goes to a terminal: directly, or by a file name like `/dev/tty`.
    pub fn is_on_terminal(&self, world: &World<'_>) -> bool {
        match &self.output {
            None => world.width.is_some(),
            Some(file) => is_terminal(file),
        }
    }

    /// How wide a table may be, in characters: as wide as the terminal, else as `COLUMNS` says, else
    /// `WITHOUT_TERMINAL`.
    fn table_width(&self, world: &World<'_>) -> u16 {
        let terminal = world.width.filter(|_| self.output.is_none());
        let columns = || world.machine.variable("COLUMNS")?.trim().parse().ok();
        terminal.or_else(columns).filter(|width| *width > 0).unwrap_or(WITHOUT_TERMINAL)
    }
}

/// How wide a table is, in characters, if it does not go to a terminal and `COLUMNS` is not set.
const WITHOUT_TERMINAL: u16 = 100;

/// Creates a folder for files with personal data, which only its owner can read. An existing folder is not
/// changed.
///
/// # Errors
/// [`crate::error::ErrorKind::Output`] if the folder cannot be created.
pub fn make_folder(folder: &Path) -> Result<()> {
    private_file::private_folder(folder).map_err(|error| cannot_write(folder, error))
}

fn put(out: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    let written = out.write_all(bytes);
    written.map_err(|error| Error::output("the output cannot be written").caused_by(error))
}

/// Whether the output may take the place of the file `file`. A device or a pipe is never replaced: the output
/// is written into it.
fn is_replaceable(file: &Path) -> bool {
    std::fs::metadata(file).map_or(true, |metadata| metadata.is_file() || metadata.is_dir())
}

/// Whether the file `file` is a terminal. Only a character device is opened to find out, because opening a pipe
/// would block.
fn is_terminal(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::io::IsTerminal as _;
        use std::os::unix::fs::FileTypeExt as _;
        let device = std::fs::metadata(file).is_ok_and(|it| it.file_type().is_char_device());
        device && std::fs::File::open(file).is_ok_and(|file| file.is_terminal())
    }
    #[cfg(not(unix))]
    {
        let _none = file;
        false
    }
}

/// A temporary file beside the output file. When it is complete, it takes the name of the output file, so
/// nobody sees half a file.
fn beside(file: &Path) -> std::io::Result<TemporaryFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    temporary::file(folder.unwrap_or(Path::new(".")), "output")
}

fn cannot_write(file: &Path, error: std::io::Error) -> Error {
    Error::output(format!("{}: cannot be written", file.display()))
        .caused_by(error)
        .hint("check the permissions of the folder, or name another file with -o")
}
