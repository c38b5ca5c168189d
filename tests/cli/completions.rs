//! `completions/` holds what `esp-prov-rs completions` prints. `BLESS=1` rewrites it.

use std::{env, fs, process::Command};

use esp_prov_rs::cli::{args::Script, script};
use kit::process::{ToTheEnd, is_here};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");

const FILES: [(&str, &str, Script); 6] = [
    ("esp-prov-rs.bash", "bash", Script::Bash),
    ("_esp-prov-rs", "zsh", Script::Zsh),
    ("esp-prov-rs.fish", "fish", Script::Fish),
    ("_esp-prov-rs.ps1", "powershell", Script::PowerShell),
    ("esp-prov-rs.elv", "elvish", Script::Elvish),
    ("esp-prov-rs.1", "man", Script::Man),
];

#[test]
fn the_files_are_current() {
    for (file, _, kind) in FILES {
        let (path, fresh) = (format!("{FOLDER}/{file}"), script(kind));
        if env::var_os("BLESS").is_some() {
            fs::write(&path, &fresh).expect("the file is writable");
            continue;
        }
        let current = fs::read(&path).unwrap_or_default();
        assert!(current == fresh, "{path} is stale: BLESS=1 cargo test --test cli completions");
    }
    let there = fs::read_dir(FOLDER).expect("the folder is there").count();
    assert_eq!(there, FILES.len(), "{FOLDER} holds something else, too");
}

#[test]
fn the_program_prints_them() {
    for (file, name, kind) in FILES {
        let mut command = Command::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
        let output = command.args(["completions", name]).output_in_time();
        assert!(output.status.success() && output.stderr.is_empty(), "{file}");
        assert!(output.stdout == script(kind), "{file}");
    }
}

#[test]
fn they_know_the_commands_and_flags_but_no_spellings_of_esp_prov_py() {
    for (file, _, kind) in FILES {
        // roff writes - as \-, and fish and elvish name flags without dashes.
        let text = String::from_utf8(script(kind)).expect("text").replace("\\-", "-");
        for word in ["simulate", "completions", "service-name", "passphrase-file", "no-input"] {
            assert!(text.contains(word), "{file} lacks {word}");
        }
        for other in ["service_name", "sec_ver", "proto_ver", "custom_data", "sec2_pwd"] {
            assert!(!text.contains(other), "{file} shows {other}");
        }
    }
}

#[cfg(unix)]
#[test]
fn shells_that_are_here_accept_their_scripts() {
    for (shell, file) in
        [("bash", "esp-prov-rs.bash"), ("zsh", "_esp-prov-rs"), ("fish", "esp-prov-rs.fish")]
    {
        if is_here(shell, &["-c", "true"]) {
            let mut command = Command::new(shell);
            let output = command.arg("-n").arg(format!("{FOLDER}/{file}")).output_in_time();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{shell}: {said}");
        }
    }
}

#[cfg(unix)]
#[test]
fn bash_completes_flags_and_commands() {
    let ask = format!(
        "source {FOLDER}/esp-prov-rs.bash && COMP_WORDS=(esp-prov-rs \"$1\") COMP_CWORD=1 && \
         _esp__prov__rs esp-prov-rs \"$1\" esp-prov-rs && echo \"${{COMPREPLY[@]}}\""
    );
    for (typed, offered) in [("sim", "simulate"), ("--passphrase-", "--passphrase-file")] {
        if !is_here("bash", &["-c", "true"]) {
            return;
        }
        let output = Command::new("bash").args(["-c", &ask, "bash", typed]).output_in_time();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), offered, "{output:?}");
    }
}
