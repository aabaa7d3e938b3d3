//! Runs the `token_command` of the user, which prints a token. The command gets no input. Its standard error is
//! not shown, because it may contain the token.
//!
//! The program waits only for the end of the command itself. The command may leave a process in the background
//! (an agent, a clipboard that is cleared later) that holds the output open for hours. The program neither
//! waits for such a process nor ends it.

use std::io::Read;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::token::{LONGEST, Token};
use crate::error::{Error, Result};

/// How long the command may run before it is ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait for more output after the command has ended. It has written everything by then.
const MOMENT: Duration = Duration::from_secs(1);

/// How often the program checks whether the command has ended.
const LOOK: Duration = Duration::from_millis(10);

/// Runs the command of the user, and returns the token that it prints.
///
/// # Errors
/// [`crate::error::ErrorKind::Remote`] if the command cannot be run, fails, takes too long, or prints no token.
pub(super) fn token(words: &[String]) -> Result<Token> {
    token_within(words, PATIENCE)
}

fn token_within(words: &[String], patience: Duration) -> Result<Token> {
    let shown = words.first().map_or("", String::as_str);
    let failed = |what: &str| {
        Error::remote(format!("the token_command {shown} {what}"))
            .hint("run the command by hand, as the user that oneseat runs as")
    };
    let Some((program, arguments)) = words.split_first() else {
        return Err(Error::remote("the token_command is empty")
            .hint("write the command as a list of words: token_command = [\"pass\", \"show\", \"github\"]"));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // The command gets a process group of its own. So everything that it starts can be ended together with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| failed("cannot be run").caused_by(error))?;
    let (piece, pieces) = channel();
    let output = child.stdout.take();
    let reader = std::thread::Builder::new().spawn(move || read(output, &piece));
    if let Err(error) = reader {
        end(&mut child);
        return Err(failed("cannot be run").caused_by(error));
    }
    let Some(status) = wait(&mut child, patience) else {
        end(&mut child);
        return Err(failed("takes too long"));
    };
    if !status.success() {
        return Err(failed(&format!("failed ({status})")));
    }
    Token::new(&printed(&pieces), &format!("the token_command {shown}"))
}

/// Reads the output of the command, and sends each piece of it through the channel.
fn read(output: Option<ChildStdout>, piece: &Sender<Vec<u8>>) {
    let Some(mut output) = output.map(|output| output.take(LONGEST)) else { return };
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        if piece.send(buffer[..count].to_vec()).is_err() {
            return;
        }
    }
}

/// What the command printed, up to the end of its output or until nothing more comes.
fn printed(pieces: &Receiver<Vec<u8>>) -> String {
    let mut text = Vec::new();
    while let Ok(piece) = pieces.recv_timeout(MOMENT) {
        text.extend(piece);
        if text.ends_with(b"\n") && text.len() > 1 {
            // The line with the token is complete. So a background process that still has the output open need
            // not be waited for.
            while let Ok(piece) = pieces.recv_timeout(LOOK) {
                text.extend(piece);
            }
            break;
        }
    }
    // Invalid UTF-8 becomes replacement characters. They cannot be in a token, so the text is refused later.
    String::from_utf8_lossy(&text).into_owned()
}

/// Waits until the command ends; `None` if it takes too long.
fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if begun.elapsed() < patience => std::thread::sleep(LOOK),
            _ => return None,
        }
    }
}

/// Ends the command and, as far as possible, everything that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _none_left = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ended = child.kill().and_then(|()| child.wait().map(drop));
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str, patience: Duration) -> (Result<Token>, Duration) {
        let begun = Instant::now();
        let words = ["sh", "-c", script].map(str::to_owned);
        (token_within(&words, patience), begun.elapsed())
    }

    #[test]
    fn what_stays_in_the_background_is_not_waited_for_and_lives() {
        let place = tempfile::tempdir().expect("a folder");
        for script in [
            "sleep 20 & echo the-token",
            "sleep 20 & printf the-token",
            "(sleep 20; echo more) & echo the-token; exit 0",
            "echo the-token; trap '' HUP; sleep 20 &",
            "exec 3>&1; (exec >&3; sleep 20) 3>&- & echo the-token",
        ] {
            let (token, took) = shell(script, Duration::from_secs(15));
            assert_eq!(token.expect("a token").secret(), "the-token", "{script}");
            assert!(took < Duration::from_secs(12), "{script}: {took:?}");
        }
        let mark = place.path().join("lives");
        let script = format!("(sleep 1; echo > {}) & echo the-token", mark.display());
        assert!(shell(&script, Duration::from_secs(15)).0.is_ok());
        let begun = Instant::now();
        while !mark.exists() && begun.elapsed() < Duration::from_secs(15) {
            std::thread::sleep(LOOK);
        }
        assert!(mark.exists(), "an agent that it started is not ended with it");
    }

    #[test]
    fn one_that_takes_too_long_is_ended_with_what_it_started() {
        let place = tempfile::tempdir().expect("a folder");
        let mark = place.path().join("lives");
        let script = format!("echo the-token; (sleep 3; echo > {}) & wait", mark.display());
        let (token, took) = shell(&script, Duration::from_millis(300));
        let told = token.expect_err("too long").report(true);
        assert!(told.contains("takes too long") && !told.contains("the-token"), "{told}");
        assert!(took < Duration::from_secs(3), "{took:?}");
        std::thread::sleep(Duration::from_secs(4));
        assert!(!mark.exists(), "what it started is ended too");
    }

    #[test]
    fn what_it_prints_is_taken_whole() {
        for (script, token) in [
            ("printf one-; sleep 0.2; echo two", Some("one-two")),
            ("printf '\\n  spaced  \\n\\n'", Some("spaced")),
            ("echo first; echo second", None),
            ("true", None),
            ("printf '\\377'", None),
            ("echo half; exit 3", None),
        ] {
            let (found, _) = shell(script, Duration::from_secs(15));
            assert_eq!(found.as_ref().ok().map(Token::secret), token, "{script}");
            let told = found.err().map(|it| it.report(true)).unwrap_or_default();
            assert!(!told.contains("first") && !told.contains("half"), "{told}");
        }
    }
}
