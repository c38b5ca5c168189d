//! `completions/` holds what `esp-prov-rs completions` prints, and shells and `man` take it as it is
//! meant. `BLESS=1` rewrites it.

use std::{collections::BTreeMap, env, fs, process::Command, thread};

use esp_prov_rs::cli::{args::Script, manual, script};
use kit::process::{ToTheEnd, is_here};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");

const FILES: [(&str, &str, Script); 5] = [
    ("esp-prov-rs.bash", "bash", Script::Bash),
    ("_esp-prov-rs", "zsh", Script::Zsh),
    ("esp-prov-rs.fish", "fish", Script::Fish),
    ("_esp-prov-rs.ps1", "powershell", Script::PowerShell),
    ("esp-prov-rs.elv", "elvish", Script::Elvish),
];

#[test]
fn the_files_are_current() {
    let scripts = FILES.map(|(file, _, kind)| (format!("{FOLDER}/{file}"), script(kind)));
    let manuals = manual::all().into_iter();
    let manuals = manuals.map(|manual| (format!("{FOLDER}/man/{}", manual.file), manual.page));
    let fresh: BTreeMap<_, _> = scripts.into_iter().chain(manuals).collect();
    for (path, fresh) in &fresh {
        if env::var_os("BLESS").is_some() {
            fs::write(path, fresh).expect("the file is writable");
            continue;
        }
        let current = fs::read(path).unwrap_or_default();
        assert!(&current == fresh, "{path} is stale: BLESS=1 cargo test --test cli completions");
    }
    for folder in [FOLDER.to_owned(), format!("{FOLDER}/man")] {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("an entry").path().display().to_string();
            let is_known = path.ends_with("/man") || fresh.contains_key(&path);
            assert!(is_known, "{path} is something else");
        }
    }
}

#[test]
fn the_program_prints_them() {
    for (file, name, kind) in FILES {
        let mut command = Command::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
        let output = command.args(["completions", name]).output_in_time();
        assert!(output.status.success() && output.stderr.is_empty(), "{file}");
        assert!(output.stdout == script(kind), "{file}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
    let output = command.args(["completions", "man", "batch", "status"]).output_in_time();
    let manual = manual::of(&["batch", "status"]).expect("a command");
    assert!(output.status.success() && output.stdout == manual.page);
    for words in [&["man", "Vb9"][..], &["bash", "scan"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
        let output = command.arg("completions").args(words).output_in_time();
        assert_eq!(output.status.code(), Some(3), "{words:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("Vb9"));
    }
}

#[test]
fn they_know_the_commands_and_flags_but_no_spellings_of_esp_prov_py() {
    for (file, kind) in
        FILES.map(|(file, _, kind)| (file, kind)).into_iter().chain([("man", Script::Man)])
    {
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

/// What a shell offers where the line ends.
const OFFERED: [(&str, &[&str], &str); 12] = [
    ("esp-prov-rs sim", &["simulate"], "scan"),
    ("esp-prov-rs --passphrase-", &["--passphrase-file"], "--pop"),
    ("esp-prov-rs scan --po", &["--pop", "--pop-file", "--port"], "--ssid"),
    ("esp-prov-rs batch sta", &["status"], "export"),
    ("esp-prov-rs batch status --ro", &["--roster"], "--job"),
    ("esp-prov-rs sec2-credentials --form", &["--format"], "--output"),
    ("esp-prov-rs sec2-credentials --format r", &["raw"], "json"),
    ("esp-prov-rs simulate --persona idf-v4", &["idf-v4.4"], "netprov"),
    ("esp-prov-rs --explain 6", &["60", "61", "62"], "50"),
    ("esp-prov-rs scan --pop-file ro", &["roster two.csv"], "other.txt"),
    ("esp-prov-rs decode ro", &["roster two.csv"], "other.txt"),
    ("esp-prov-rs completions ba", &["bash"], "zsh"),
];

#[cfg(unix)]
fn folder_with_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["roster two.csv", "other.txt"] {
        fs::write(folder.path().join(file), "").expect("a file");
    }
    folder
}

#[cfg(unix)]
#[track_caller]
fn check(shell: &str, offers: impl Fn(&str) -> String + Sync) {
    let offers = &offers;
    thread::scope(|scope| {
        for one in OFFERED {
            scope.spawn(move || check_one(shell, one, offers));
        }
    });
}

#[cfg(unix)]
fn check_one(
    shell: &str,
    (line, offered, not): (&str, &[&str], &str),
    offers: impl Fn(&str) -> String,
) {
    // As a shell has it in a word, and in a list.
    let got = offers(line).replace("\\ ", " ");
    for word in offered {
        assert!(got.contains(word), "{shell}: {line}: no {word} in {got:?}");
    }
    assert!(!got.contains(not), "{shell}: {line}: {not} in {got:?}");
}

/// By the function that bash itself calls, with what it hands over.
#[cfg(unix)]
#[test]
fn bash_completes() {
    const ASK: &str = r#"
        source "$1"; line=$2
        read -ra COMP_WORDS <<< "${line//=/ = }"
        [[ $line == *= ]] && COMP_WORDS+=("")
        COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); COMP_LINE=$line; COMP_POINT=${#line}
        call=$(complete -p esp-prov-rs); call=${call#*-F }; call=${call%% *}
        compopt() { :; }
        $call esp-prov-rs "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
        # As `complete -o default` does where the function has nothing.
        [[ -n ${COMPREPLY[*]} ]] || compgen -f -- "${COMP_WORDS[COMP_CWORD]}"
        exit 0
    "#;
    if !is_here("bash", &["-c", "true"]) {
        return;
    }
    let folder = folder_with_files();
    let offers = |line: &str| {
        let script = format!("{FOLDER}/esp-prov-rs.bash");
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", ASK, "bash", &script, line]).current_dir(folder.path());
        let output = bash.output_in_time();
        assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    check("bash", offers);
    assert_eq!(offers("esp-prov-rs scan --transport=so").trim(), "softap");
    assert_eq!(offers("esp-prov-rs scan --transport=").lines().count(), 4);
    // A name is a person's; files are not offered for it.
    assert!(!offers("esp-prov-rs --ssid ro").contains("roster"));
}

#[cfg(unix)]
#[test]
fn fish_completes() {
    if !is_here("fish", &["-c", "true"]) {
        return;
    }
    let folder = folder_with_files();
    check("fish", |line| {
        let script = format!("source {FOLDER}/esp-prov-rs.fish; complete -C '{line}'");
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", &script]).current_dir(folder.path());
        let output = fish.env("HOME", folder.path()).output_in_time();
        assert!(output.status.success(), "{line}: {output:?}");
        // Without the descriptions.
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.lines()
            .map(|line| line.split('\t').next().unwrap_or_default().to_owned() + "\n")
            .collect()
    });
}

/// In a terminal of zsh's own (`zpty`), since it completes only where somebody types.
#[cfg(unix)]
#[test]
fn zsh_completes() {
    const ASK: &str = r#"
        zmodload zsh/zpty; zpty shell zsh -f -i
        zpty -w shell "PS1='P''> '; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D
            zstyle ':completion:*' verbose no; LISTMAX=0; bindkey '^I' list-choices; stty columns 200"
        zpty -r -m shell shown '*P> *P> *'
        zpty -w -n shell "$2"$'\t\C-u'"print -r E''ND"$'\n'
        zpty -r -m shell shown '*END*'
        # Without what is typed.
        print -r -- "${${shown#*$2}%%print -r*}"
        zpty -d shell
    "#;
    if !is_here("zsh", &["-c", "zmodload zsh/zpty"]) {
        return;
    }
    let folder = folder_with_files();
    check("zsh", |line| {
        let mut zsh = Command::new("zsh");
        zsh.args(["-f", "-c", ASK, "zsh", FOLDER, line]).current_dir(folder.path());
        let output = zsh.env("HOME", folder.path()).env("TERM", "xterm").output_in_time();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    });
}

/// Each page, by `man` itself, without a warning.
#[cfg(target_os = "linux")]
#[test]
fn man_pages_are_shown_without_warnings() {
    if !is_here("man", &["-l", "--warnings", "-P", "cat", &format!("{FOLDER}/man/esp-prov-rs.1")]) {
        return;
    }
    for manual in manual::all() {
        let file = format!("{FOLDER}/man/{}", manual.file);
        let mut man = Command::new("man");
        man.args(["-l", "--warnings", "-P", "cat", &file]).env("LC_ALL", "C.UTF-8");
        let output = man.output_in_time();
        let (shown, told) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
        assert!(output.status.success() && told.is_empty(), "{file}: {told}");
        let shown = String::from_utf8_lossy(&shown).into_owned();
        for part in ["NAME", "SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"] {
            assert!(shown.lines().any(|line| line == part), "{file} has no {part}: {shown}");
        }
    }
}
