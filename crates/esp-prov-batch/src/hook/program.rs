//! Finds the program that a hook's command would run, as far as possible without running it.

use std::{env, path::Path};

use esp_prov_input::files;
use serde::Serialize;

use super::Hook;

/// The program that a hook's command begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Program {
    /// The program's name in the command; `None` if only a shell can tell, for example because of
    /// quotes or a variable.
    pub name: Option<String>,
    /// The path of the program's file; `None` for a shell builtin, or if there is an `error`.
    pub path: Option<String>,
    /// Why the program can't be run.
    pub error: Option<String>,
}

impl Hook {
    /// Looks for the program that the command begins with. On Windows, this is left to the shell.
    pub fn program(&self) -> Program {
        // Only `cmd` knows how it resolves a name.
        if cfg!(unix) {
            first_word(self.command.expose()).map_or_else(Program::default, find)
        } else {
            Program::default()
        }
    }
}

/// The first word, without preceding `NAME=value` assignments, whose values may be secret.
fn first_word(command: &str) -> Option<&str> {
    let mut rest = command;
    loop {
        rest = rest.trim_start();
        let ends = |char: char| char.is_whitespace() || ";&|<>()".contains(char);
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        if word.is_empty() || word.contains(|char| "\"'`$\\*?[]{}~!#".contains(char)) {
            return None;
        }
        match word.split_once('=') {
            None => return Some(word),
            Some((name, _)) if is_name(name) => {}
            Some(_) => return None,
        }
        rest = &rest[word.len()..];
    }
}

fn is_name(text: &str) -> bool {
    !text.starts_with(|char: char| char.is_ascii_digit())
        && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// The commands that a POSIX shell implements, or may implement, itself.
const BUILT_IN: &[&str] = &[
    ".", ":", "alias", "bg", "break", "builtin", "case", "cd", "command", "continue", "echo",
    "eval", "exec", "exit", "export", "false", "fc", "fg", "for", "getopts", "hash", "if", "jobs",
    "kill", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "source",
    "test", "time", "times", "trap", "true", "type", "ulimit", "umask", "unalias", "unset",
    "until", "wait", "while",
];

fn find(word: &str) -> Program {
    let name = Some(word.to_owned());
    if BUILT_IN.contains(&word) {
        return Program { name, ..Program::default() };
    }
    let found = if word.contains('/') {
        executable(Path::new(word)).map(|()| word.to_owned())
    } else {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut places = env::split_paths(&path).map(|folder| folder.join(word));
        let place = places.find(|place| executable(place).is_ok());
        place.map(|place| place.display().to_string()).ok_or_else(|| "not found in PATH".to_owned())
    };
    match found {
        Ok(path) => Program { name, path: Some(path), error: None },
        Err(error) => {
            let name = Some(files::named(Path::new(word)).into());
            Program { name, path: None, error: Some(error) }
        }
    }
}

/// Checks that a file can be executed; the error says why it can't.
#[cfg(unix)]
fn executable(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;

    let about = path.metadata().map_err(|error| error.to_string())?;
    if about.is_dir() {
        Err("a folder, not a program".to_owned())
    } else if about.permissions().mode() & 0o111 == 0 {
        Err("not executable (`chmod +x` makes it so)".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(not(unix))]
fn executable(path: &Path) -> Result<(), String> {
    path.metadata().map(drop).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_first_word_is_found_where_no_shell_is_needed() {
        for (command, word) in [
            ("./print-label", Some("./print-label")),
            ("  print-label --copies 2", Some("print-label")),
            ("cat>>results", Some("cat")),
            ("TOKEN=hush-hush LANG=C curl http://mes", Some("curl")),
            ("exit;", Some("exit")),
            ("", None),
            ("TOKEN=hush-hush", None),
            ("TOKEN='hush hush' curl", None),
            ("\"/opt/label printer/print\"", None),
            ("$PRINT", None),
            ("./print=label", None),
            ("./print=label now", None),
            ("4TH=x cat", None),
            ("A.B=x cat", None),
            ("LC_ALL=C cat", Some("cat")),
            ("~/print", None),
            ("(sleep 1)", None),
            ("{ cat; }", None),
            ("[ -s x ]", None),
            ("# nothing", None),
        ] {
            assert_eq!(first_word(command), word, "{command}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_a_shell_does_itself_has_a_name_and_no_file() {
        let hook = Hook { command: "cd labels && ./print".into(), within: Duration::ZERO };
        let name = Some("cd".to_owned());
        assert_eq!(hook.program(), Program { name, path: None, error: None });
    }
}
