//! The list of commands in the help, divided into groups (interface.md section 5).
//!
//! clap can list commands under one heading only. So clap lists the last group, to which it adds its own
//! `help`, and a template made here lists the other groups above it.

use std::fmt::Write;

use clap::Command;

use super::list::{COMMANDS, GROUPS};
use super::spec::THE_PROGRAM;

/// The command line with all commands, and with a help that lists them in groups. The help is `width` columns
/// wide.
pub(super) fn grouped(command: Command, width: usize) -> Command {
    let mut text = String::new();
    let styles = command.get_styles().clone();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let longest = command.get_subcommands().map(|it| it.get_name().len()).max().unwrap_or_default();
    for group in GROUPS.iter().filter(|group| **group != THE_PROGRAM) {
        // Writing to a string cannot fail.
        let _written = writeln!(text, "{header}{group}:{header:#}");
        for name in COMMANDS.iter().filter(|it| it.about.group == *group).map(|it| it.about.name) {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let about = wrapped(&about, width, longest + 4);
            let _written = writeln!(text, "  {literal}{name:<longest$}{literal:#}  {about}");
        }
    }
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n\
         {header}Commands:{header:#}\n{text}{{all-args}}{{after-help}}"
    );
    let command = command.help_template(template).subcommand_help_heading(THE_PROGRAM);
    let last = |name: &str| {
        COMMANDS.iter().any(|it| it.about.name == name && it.about.group == THE_PROGRAM)
    };
    command.mut_subcommands(|it| {
        let elsewhere = !last(it.get_name());
        it.hide(elsewhere)
    })
}

/// The text, broken between words so that it fits between the columns `indent` and `width`. Each line but the
/// first begins with `indent` spaces.
fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let (mut lines, mut at) = (String::new(), indent);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if at > indent && at + 1 + length > width {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            at = indent;
        } else if at > indent {
            lines.push(' ');
            at += 1;
        }
        lines.push_str(word);
        at += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_a_group_and_of_no_other_name() {
        let mut names = std::collections::HashSet::new();
        for command in COMMANDS {
            assert!(GROUPS.contains(&command.about.group), "{}", command.about.name);
            assert!(
                names.insert(command.about.name),
                "the command {} is listed twice",
                command.about.name
            );
        }
        let line = super::super::command_line();
        assert_eq!(line.get_subcommands().count(), names.len());
    }
}
