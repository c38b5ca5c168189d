//! A batch on a farm of virtual devices, as a line runs it: killed at random, on a full disk, with
//! a ledger that somebody else holds.
#![cfg(unix)]

use std::{fmt::Write, fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use kit::process::{self, InTime, ToTheEnd};
use nix::sys::signal::Signal;
use rusqlite::Connection;
use serde_json::Value;

use crate::farms::{batch, count, exported, farm, run_batch, standings, tally};

/// A thousand devices, each twentieth exchange lost, some with another secret: killed a dozen
/// times. None is lost, none is done twice.
#[test]
fn a_batch_that_is_killed_loses_nothing_and_does_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let path = roster.to_str().expect("text");
    let wrong = ["--wrong-pop", "2%", "--drop", "5%", "--seed", "11"];
    let (farm, _) = farm(&[&["--count", "1000", "--roster", path], &wrong[..]].concat());

    let mut dice = fastrand::Rng::with_seed(11);
    let patience = ["--attempts", "6", "--retry-interval", "100ms"];
    for _ in 0..12 {
        let mut batch = batch(&roster, &patience);
        for _ in 0..dice.usize(40..250) {
            assert!(batch.event().is_some(), "it ended before it could be killed");
        }
        batch.signal(Signal::SIGKILL);
        batch.process.wait_in_time();
    }
    let ran = run_batch("batch", &roster, &patience).ends_with(60);

    let standings = standings(&roster, &[]);
    let (done, unconfirmed) = (count(&standings, "done"), count(&standings, "unconfirmed"));
    let failed: Vec<_> = standings.iter().filter(|one| one["state"] == "failed").collect();
    assert_eq!(done + unconfirmed + failed.len(), 1000, "{}", ran.stdout);
    assert!(failed.iter().all(|one| one["exit_code"] == 30), "{failed:?}");
    let (joined, twice) = tally(farm);
    assert_eq!((joined, twice), ((done + unconfirmed) as u64, 0));
    // Whatever was begun has an end.
    let attempts = exported(&roster, &[]);
    // A device leaves a second after it has said that it is connected. Whoever dies within that
    // second can't hear it again unless they are back in time; nor can who lost the reply and the
    // next ones, but that is rare.
    let was_cut_off = |device: &Value| {
        let mut attempts = attempts.iter().filter(|one| one["device"] == *device);
        attempts.any(|one| one["outcome"] == "interrupted")
    };
    let whole = standings.iter().filter(|one| one["state"] == "unconfirmed");
    let whole = whole.filter(|one| !was_cut_off(&one["device"])).count();
    assert!(whole <= 10, "{whole} of {unconfirmed} unconfirmed devices were not cut off");
    assert!(attempts.iter().all(|one| one["outcome"].is_string()));
    assert!(attempts.iter().any(|one| one["outcome"] == "interrupted"));
    // And what is left on disk has no secret.
    for file in fs::read_dir(folder.path()).expect("a folder") {
        let file = file.expect("a file").path();
        let bytes = fs::read(&file).expect("bytes");
        let has = |secret: &[u8]| bytes.windows(secret.len()).any(|part| part == secret);
        let is_roster = file == roster;
        assert_eq!(has(b"correct-horse") || has(b"abcd1234"), is_roster, "{}", file.display());
    }
}

#[test]
fn a_second_batch_skips_what_is_done_and_takes_what_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (farm, _) = farm(&["--count", "6", "--roster", roster.to_str().expect("text")]);
    let whole = fs::read_to_string(&roster).expect("a roster");
    let first: Vec<_> = whole.lines().take(4).collect();
    fs::write(&roster, first.join("\n")).expect("written");
    run_batch("batch", &roster, &[]).ends_with(0);
    assert_eq!(count(&standings(&roster, &[]), "done"), 3);

    // Edited: three more, and another network for one that is done.
    fs::write(&roster, whole.replacen("Home", "Office", 1)).expect("written");
    let ran = run_batch("batch", &roster, &[]).ends_with(0);
    let told = "PROV_000001 is done with http://";
    assert!(ran.stderr.contains(told) && ran.stderr.contains("Home"), "{}", ran.stderr);
    assert!(ran.stdout.contains("6 devices: 6 done; 3 finished in this run"), "{}", ran.stdout);
    assert!(exported(&roster, &[]).iter().all(|one| one["number"] == 1));
    assert_eq!(tally(farm), (6, 0));
}

#[test]
fn a_wrong_passphrase_for_all_stops_the_line_and_can_be_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (farm, _) = farm(&["--count", "12", "--roster", roster.to_str().expect("text")]);
    let right = fs::read_to_string(&roster).expect("a roster");
    fs::write(&roster, right.replace("correct-horse", "wrong-horse")).expect("written");

    let few = ["--parallel", "2", "--stop-after", "4"];
    let ran = run_batch("batch", &roster, &few).ends_with(60);
    assert!(
        ran.stderr.contains("failed with the same error (the network rejected"),
        "{}",
        ran.stderr
    );
    let now = standings(&roster, &[]);
    let failed = count(&now, "failed");
    assert!((4..=5).contains(&failed), "{failed}");
    assert!(now.iter().all(|one| one["state"] != "failed" || one["exit_code"] == 50));

    fs::write(&roster, right).expect("written");
    let ran = run_batch("batch retry --failed", &roster, &["--exit-code", "50"]).ends_with(0);
    assert!(ran.stdout.starts_with(&failed.to_string()), "{}", ran.stdout);
    // The devices are reset on the way: they hold the wrong passphrase.
    run_batch("batch", &roster, &[]).ends_with(0);
    assert_eq!(count(&standings(&roster, &[]), "done"), 12);
    drop(farm);
}

/// Its roster has an order for each device.
#[test]
fn a_hook_that_fails_is_counted_and_can_be_called_again_for_those_results_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "5", "--roster", roster.to_str().expect("text")]);
    let text = fs::read_to_string(&roster).expect("a roster");
    let with_label = text.lines().enumerate().map(|(at, line)| match at {
        0 => format!("{line},label.order\n"),
        _ => format!("{line},order-{at}\n"),
    });
    fs::write(&roster, with_label.collect::<String>()).expect("written");
    let results = folder.path().join("results");
    let fails_for = |which: &str| {
        let results = results.display();
        format!("tee -a {results} | grep -qE '{which}' && {{ echo no paper >&2; exit 3; }} || true")
    };
    let results = || -> Vec<Value> {
        let text = fs::read_to_string(&results).expect("results");
        assert!(!text.contains("correct-horse") && !text.contains("abcd1234"));
        let results = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        results.collect()
    };
    let orders = |of: &[Value]| {
        let order = |one: &Value| one["labels"]["order"].as_str().expect("a label").to_owned();
        let mut orders: Vec<_> = of.iter().map(order).collect();
        orders.sort();
        orders
    };

    let hook = fails_for("order-[24]");
    let ran = run_batch("batch", &roster, &["--on-result", &hook]).ends_with(62);
    assert_eq!(ran.stderr.matches("--on-result: exit status: 3: no paper").count(), 2);
    assert!(ran.stdout.contains("5 devices: 5 done; 5 finished in this run"), "{}", ran.stdout);
    let summary = "    2 × --on-result failed\n        PROV_000002, PROV_000004\n";
    assert!(ran.stdout.contains(summary), "{}", ran.stdout);
    assert!(ran.stdout.contains("`batch retry --hooks`"), "{}", ran.stdout);
    assert_eq!(orders(&results()), ["order-1", "order-2", "order-3", "order-4", "order-5"]);
    for result in results() {
        assert_eq!((&result["state"], &result["ip"]), (&"done".into(), &"192.168.1.57".into()));
    }

    let status = run_batch("batch status", &roster, &[]).ends_with(0).stdout;
    let lines: Vec<_> = status.lines().collect();
    assert!(lines[0].starts_with("PROV_000002  done"), "{status}");
    assert!(lines[0].ends_with("; --on-result: exit status: 3: no paper"), "{status}");
    assert!(lines[2].starts_with("5 devices: 5 done; 2 hooks failed; ledger: "), "{status}");
    let now = standings(&roster, &[]);
    let of = |name: &str| -> Vec<_> { now.iter().map(|one| one[name].clone()).collect() };
    assert_eq!(of("hook"), ["done", "failed", "done", "failed", "done"]);
    assert_eq!(now[3]["hook_error"], "exit status: 3: no paper");
    assert_eq!(now[3]["labels"]["order"], "order-4");

    // The same again does nothing, and does not forget.
    let mut again = batch(&roster, &["--on-result", &hook]);
    let end = again.until("batch-ended");
    assert_eq!(end["hooks_failed"], serde_json::json!(["PROV_000002", "PROV_000004"]));
    again.ends_with(62);
    assert_eq!(results().len(), 5);

    let ran = run_batch("batch retry --hooks", &roster, &[]).ends_with(0);
    assert_eq!(ran.stdout, "2 hooks due again; start the batch with --on-result\n");
    let status = run_batch("batch status", &roster, &[]).ends_with(0).stdout;
    assert!(status.contains("; --on-result: due\n") && status.contains("2 hooks due"), "{status}");

    // They are not passed over by who forgets the command.
    let hint = "hint: give `--on-result` again";
    let ran = run_batch("batch", &roster, &[]).ends_with(62);
    assert_eq!(ran.stdout, "5 devices: 5 done; 2 hooks due; none finished in this run\n");
    assert!(ran.stderr.contains(hint), "{}", ran.stderr);
    let mut again = batch(&roster, &[]);
    let end = again.until("batch-ended");
    assert_eq!(end["hooks_due"], serde_json::json!(["PROV_000002", "PROV_000004"]));
    again.ends_with(62);
    let plan = |hook: &[&str]| run_batch("batch --dry-run", &roster, hook).ends_with(0).stdout;
    let planned = plan(&["--on-result", "true"]);
    assert_eq!(planned.matches("; --on-result gets its result: ").count(), 2, "{planned}");
    assert!(planned.contains("\n5 devices, 0 to provision; 2 hooks due; ledger: "), "{planned}");
    assert_eq!(plan(&[]).matches("nothing, it is done; --on-result: due: ").count(), 2);

    let hook = fails_for("order-4");
    let ran = run_batch("batch", &roster, &["--on-result", &hook]).ends_with(62);
    assert!(!ran.stdout.contains("due") && !ran.stderr.contains(hint), "{}", ran.stdout);
    assert_eq!(orders(&results()[5..]), ["order-2", "order-4"]);
    for (device, count) in [("PROV_000002", 0), ("PROV_000004", 1)] {
        let ran = run_batch("batch retry --hooks", &roster, &[device]).ends_with(0);
        assert!(ran.stdout.starts_with(&format!("{count} hook")), "{}", ran.stdout);
    }
    let ran = run_batch("batch", &roster, &["--on-result", &fails_for("none")]).ends_with(0);
    assert!(ran.stdout.ends_with("none finished in this run; 1 result handed to --on-result\n"));
    assert_eq!(orders(&results()[7..]), ["order-4"]);
    assert!(standings(&roster, &[]).iter().all(|one| one["hook"] == "done"));
    assert_eq!(exported(&roster, &[]).len(), 5, "no device was touched");
}

#[test]
fn an_export_has_labels_and_devices_that_wait() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "1", "--roster", roster.to_str().expect("text")]);
    let text = fs::read_to_string(&roster).expect("a roster");
    let mut lines = text.lines();
    let (header, line) = (lines.next().expect("a header"), lines.next().expect("a device"));
    // The second is never there.
    let absent = line.replace("PROV_000001", "PROV_000002");
    let address = line.split(',').nth(1).expect("an address");
    let absent = absent.replace(address, "http://127.255.255.254:1");
    let text = format!("{header},label.order,label.for\n{line},4711,\n{absent},4712,\"A, B\"\n");
    fs::write(&roster, text).expect("written");
    let limit = ["--batch-timeout", "1500ms", "--watch", "--watch-interval", "50ms"];
    run_batch("batch", &roster, &limit).ends_with(60);

    let rows = exported(&roster, &[]);
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["state"], &rows[0]["number"]), (&"done".into(), &1.into()));
    assert_eq!(rows[0]["labels"], serde_json::json!({ "order": "4711" }));
    assert_eq!((&rows[1]["device"], &rows[1]["state"]), (&"PROV_000002".into(), &"waiting".into()));
    assert_eq!(rows[1]["labels"], serde_json::json!({ "for": "A, B", "order": "4712" }));
    assert!(rows[1]["number"].is_null() && rows[1]["station"].is_null(), "{}", rows[1]);

    let table = run_batch("batch export", &roster, &[]).ends_with(0).stdout;
    let mut table = csv::Reader::from_reader(table.as_bytes());
    let header = table.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|one| one == name).expect("a column");
    let rows: Vec<_> = table.records().map(|row| row.expect("a row")).collect();
    for (name, cells) in [
        ("device", ["PROV_000001", "PROV_000002"]),
        ("number", ["1", ""]),
        ("outcome", ["connected", ""]),
        ("state", ["done", "waiting"]),
        ("label.order", ["4711", "4712"]),
        ("label.for", ["", "A, B"]),
    ] {
        assert_eq!(rows.iter().map(|row| &row[at(name)]).collect::<Vec<_>>(), cells, "{name}");
    }
}

#[test]
fn a_result_that_the_hook_did_not_get_to_the_end_is_handed_over_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "1", "--roster", roster.to_str().expect("text")]);
    // The batch dies while its hook runs.
    let mut first = batch(&roster, &["--on-result", "kill -9 $PPID"]);
    assert_eq!(first.process.wait_in_time().code(), None);
    let results = folder.path().join("results");
    let hook = format!("cat >> {}", results.display());
    for _ in 0..2 {
        run_batch("batch", &roster, &["--on-result", &hook]).ends_with(0);
        let results = fs::read_to_string(&results).expect("a result");
        assert_eq!(results.lines().count(), 1, "{results}");
        assert!(
            results.contains("\"device\":\"PROV_000001\"") && results.contains("\"connected\"")
        );
    }
}

#[test]
fn a_result_says_when_its_attempt_began() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = one_device(folder.path());
    let results = folder.path().join("results");
    let hook = format!("cat >> {}", results.display());
    let mut ran = batch(&roster.path, &["--on-result", &hook]);
    let told = ran.until("device-ended")["started_at"].clone();
    ran.until("batch-ended");
    ran.ends_with(0);
    let result = fs::read_to_string(&results).expect("a result");
    let result: Value = serde_json::from_str(&result).expect("JSON");
    let kept = &exported(&roster.path, &[])[0]["started_at"];
    assert_eq!((&told, &result["started_at"]), (kept, kept));
    assert!(kept.as_str().is_some_and(|time| time.ends_with('Z')), "{kept}");
}

#[test]
fn a_hook_that_takes_too_long_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = one_device(folder.path());
    let (ids, asked) = (folder.path().join("ids"), folder.path().join("asked"));
    let hook = format!(
        "trap 'echo > {asked}; exit' TERM; echo $$ > {ids}; sleep 7777 & echo $! >> {ids}; \
         (trap '' TERM; sleep 7777) & echo $! >> {ids}; echo no paper >&2; wait",
        ids = ids.display(),
        asked = asked.display()
    );
    let limit = ["--on-result", &hook, "--hook-timeout", "300ms"];
    let ran = run_batch("batch", &roster.path, &limit).ends_with(62);
    let told = "--on-result: not done within 300ms, so it was killed: no paper";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let ids = process_ids(&ids);
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| process::goes(*id)), "{ids:?}");
    assert!(asked.exists(), "it was killed without being asked to end");
}

#[test]
fn a_hook_ends_with_the_batch_that_somebody_can_not_wait_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = one_device(folder.path());
    let ids = folder.path().join("ids");
    let hook = format!("trap '' TERM; sleep 7777 & echo $$ $! > {}; wait", ids.display());
    let mut ran = batch(&roster.path, &["--on-result", &hook]);
    ran.until("device-ended");
    process::until(|| fs::read_to_string(&ids).is_ok_and(|text| text.ends_with('\n')));
    // The first lets the hook end in its time.
    ran.signal(Signal::SIGINT);
    ran.signal(Signal::SIGTERM);
    ran.ends_with(130);
    let ids = process_ids(&ids);
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| process::goes(*id)), "{ids:?}");
}

/// Adds its line to `results`, and ends once there is `go`.
fn hook_that_waits(results: &Path, go: &Path) -> String {
    let (results, go) = (results.display(), go.display());
    format!("cat >> {results}; while [ ! -e {go} ]; do sleep 0.1; done")
}

#[test]
fn ctrl_c_keeps_results_that_still_wait_for_a_hook_for_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "20", "--roster", roster.to_str().expect("text")]);
    let (results, go) = (folder.path().join("results"), folder.path().join("go"));
    let hook = hook_that_waits(&results, &go);
    let mut first = batch(&roster, &["--on-result", &hook]);
    for _ in 0..20 {
        first.until("device-ended");
    }
    while !fs::read_to_string(&results).is_ok_and(|text| text.ends_with('\n')) {
        std::thread::yield_now();
    }
    first.signal(Signal::SIGINT);
    // Those at work may end in order.
    fs::write(&go, "").expect("written");
    assert_eq!(first.until("batch-ended")["end"], "interrupted");
    first.ends_with(130);
    let devices = || {
        let results = fs::read_to_string(&results).expect("results");
        let device = |line| -> Value {
            let result: Value = serde_json::from_str(line).expect("JSON");
            result["device"].clone()
        };
        results.lines().map(device).collect::<Vec<_>>()
    };
    assert!(devices().len() < 20, "{:?}", devices());
    run_batch("batch", &roster, &["--on-result", &hook]).ends_with(0);
    let all: std::collections::HashSet<_> = devices().into_iter().collect();
    assert_eq!((devices().len(), all.len()), (20, 20));
}

#[test]
fn what_a_hook_leaves_in_the_background_is_left_alone_and_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "2", "--roster", roster.to_str().expect("text")]);
    let ids = folder.path().join("ids");
    // What it leaves holds its stderr for two hours. It fails for the first device.
    let hook = format!(
        "grep -q PROV_000001 && code=3; sleep 7777 & echo $! >> {}; echo no paper >&2; \
         exit ${{code:-0}}",
        ids.display()
    );
    let limit = ["--on-result", &hook, "--hook-timeout", "1h"];
    let ran = run_batch("batch", &roster, &limit).ends_with(62);
    assert_eq!(ran.stderr.matches("--on-result").count(), 1, "{}", ran.stderr);
    let told = "PROV_000001: --on-result: exit status: 3: no paper";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let ids = process_ids(&ids);
    assert_eq!(ids.len(), 2);
    for id in ids {
        assert!(!process::is_gone(id));
        process::signal(id, Signal::SIGKILL);
    }
}

/// More than a pipe holds.
#[test]
fn a_hook_need_not_read_its_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let OneDevice { path: roster, _farm } = one_device(folder.path());
    let text = fs::read_to_string(&roster).expect("a roster");
    let long = text.replacen('\n', ",label.long\n", 1).trim_end().to_owned();
    fs::write(&roster, format!("{long},{}\n", "x".repeat(100_000))).expect("written");
    let ran = run_batch("batch", &roster, &["--on-result", "true"]).ends_with(0);
    assert!(!ran.stderr.contains("--on-result"), "{}", ran.stderr);
}

/// A hundred megabytes.
#[test]
#[cfg(target_os = "linux")]
fn what_a_hook_says_takes_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = one_device(folder.path());
    let used = folder.path().join("used");
    let note = format!("grep VmHWM /proc/$PPID/status >> {}", used.display());
    let hook =
        format!("{note}; yes paper | head -n 16000000 >&2; {note}; echo no paper >&2; exit 3");
    let ran = run_batch("batch", &roster.path, &["--on-result", &hook]).ends_with(62);
    assert!(ran.stderr.contains("paper paper no paper\n"), "{}", ran.stderr);
    assert!(ran.stderr.len() < 2000, "{}", ran.stderr);
    let used = fs::read_to_string(&used).expect("two lines");
    let kilobytes = |line: &str| line.split_whitespace().nth(1)?.parse::<u64>().ok();
    let used: Vec<_> = used.lines().filter_map(kilobytes).collect();
    assert_eq!(used.len(), 2);
    assert!(used[1].saturating_sub(used[0]) < 10_000, "{used:?}");
}

#[test]
fn a_dry_run_looks_for_the_command_that_gets_results() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let line = "id,address,pop,ssid,passphrase\nA,127.0.0.1:1,p,Home,12345678\n";
    fs::write(&roster, line).expect("written");
    let print = folder.path().join("print-label");
    let print = print.to_str().expect("text");
    let plan = |hook: &str, code: i32| {
        let ran = run_batch("batch", &roster, &["--dry-run", "--on-result", hook]).ends_with(code);
        assert!(ran.stdout.contains("1 device, 1 to provision"), "{}", ran.stdout);
        ran.stdout + &ran.stderr
    };
    let says = |hook: &str, code: i32, told: &str| {
        let ran = plan(hook, code);
        assert!(ran.contains(&format!("--on-result: {told}")), "{told}: {ran}");
    };
    let with_a_secret = format!("TOKEN=hush-hush {print} --copies 2");
    says(&with_a_secret, 3, &format!("{print}: No such file"));
    fs::write(print, "#!/bin/sh\n").expect("written");
    says(&with_a_secret, 3, &format!("{print}: not executable"));
    fs::set_permissions(print, fs::Permissions::from_mode(0o755)).expect("set");
    says(&with_a_secret, 0, &format!("found {print}\n"));
    assert!(!plan(&with_a_secret, 0).contains("hush"));
    says("print-no-label", 3, "(name hidden, it may be a secret): not found in PATH");
    says("sh -c 'cat >> results'", 0, "found /");
    for shell_only in ["if true; then cat; fi", "\"$PRINT\"", "cd labels && ./print"] {
        says(shell_only, 0, "only the shell can tell whether the command exists");
    }
}

/// A farm of one, and its roster.
struct OneDevice {
    path: std::path::PathBuf,
    _farm: crate::farms::Process,
}

fn one_device(folder: &Path) -> OneDevice {
    let path = folder.join("roster.csv");
    let (farm, _) = farm(&["--count", "1", "--roster", path.to_str().expect("text")]);
    OneDevice { path, _farm: farm }
}

fn process_ids(path: &Path) -> Vec<u32> {
    let text = fs::read_to_string(path).expect("ids");
    text.split_whitespace().map(|id| id.parse().expect("an id")).collect()
}

#[test]
fn ctrl_c_lets_go_and_the_next_run_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let slow = ["--count", "8", "--delay", "100%", "--delay-by", "300ms"];
    let (farm, _) = farm(&[&slow[..], &["--roster", roster.to_str().expect("text")]].concat());
    let mut interrupted = batch(&roster, &[]);
    interrupted.until("device-started");
    interrupted.signal(Signal::SIGINT);
    let end = interrupted.until("batch-ended");
    assert_eq!((&end["end"], &end["waiting"]), (&"interrupted".into(), &8.into()));
    interrupted.ends_with(130);
    run_batch("batch", &roster, &[]).ends_with(0);
    assert_eq!(tally(farm), (8, 0));
}

#[test]
fn a_ledger_that_can_not_be_used_is_told_of_and_nothing_is_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let line = "id,address,pop,ssid,passphrase\nA,127.0.0.1:1,p,Home,12345678\n";
    fs::write(&roster, line).expect("written");
    let ledger = folder.path().join("roster.ledger");
    let refused = |code, told: &str, hint: &str| {
        let ran = run_batch("batch", &roster, &["--ledger-timeout", "100ms"]).ends_with(code);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("  hint: {hint}")), "{}", ran.stderr);
        assert!(!ran.stderr.contains("A  "), "{}", ran.stderr);
    };

    run_batch("batch status", &roster, &[]).ends_with(3);
    fs::write(&ledger, "this is a letter to my landlord, and no database at all").expect("written");
    refused(61, "not a ledger file", "give a ledger file");
    fs::remove_file(&ledger).expect("removed");

    let other = Connection::open(&ledger).expect("a database");
    other.execute_batch("CREATE TABLE songs (name TEXT)").expect("a table");
    refused(61, "another program's database", "give a ledger file");
    drop(other);
    fs::remove_file(&ledger).expect("removed");

    let newer = Connection::open(&ledger).expect("a database");
    newer.pragma_update(None, "user_version", 7).expect("set");
    refused(61, "a newer version of this tool (layout 7; this one knows 3)", "update this tool");
    drop(newer);
    fs::remove_file(&ledger).expect("removed");

    let ran = run_batch("batch", &roster, &[]).ends_with(60);
    assert!(ran.stderr.contains("A: connect: could not connect"), "{}", ran.stderr);
    let held = fs::File::create(folder.path().join("roster.ledger-station")).expect("a lock");
    held.lock().expect("ours");
    refused(61, "another batch uses it", "wait until the other batch ends");
    // Looking is always allowed.
    run_batch("batch status", &roster, &[]).ends_with(0);
}

#[test]
fn after_the_end_the_ledger_is_one_file_that_can_be_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let slow = ["--count", "5", "--delay", "100%", "--delay-by", "100ms"];
    let (farm, _) = farm(&[&slow[..], &["--roster", roster.to_str().expect("text")]].concat());
    let elsewhere = folder.path().join("copy");
    fs::create_dir(&elsewhere).expect("a folder");
    let done_in_a_copy = || {
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|file| file.expect("a file").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        assert_eq!(names, ["copy", "roster.csv", "roster.ledger"]);
        for name in ["roster.csv", "roster.ledger"] {
            fs::copy(folder.path().join(name), elsewhere.join(name)).expect("copied");
        }
        count(&standings(&elsewhere.join("roster.csv"), &[]), "done")
    };
    let mut interrupted = batch(&roster, &["--parallel", "1"]);
    interrupted.until("device-ended");
    interrupted.signal(Signal::SIGINT);
    interrupted.until("batch-ended");
    interrupted.ends_with(130);
    assert!(done_in_a_copy() > 0);
    run_batch("batch", &roster, &[]).ends_with(0);
    assert_eq!(done_in_a_copy(), 5);
    run_batch("batch retry --failed", &roster, &[]).ends_with(0);
    let attempts = exported(&roster, &[]);
    let warned = |one: &&Value| one["warnings"] == "well-known-secret";
    assert_eq!(attempts.iter().filter(warned).count(), 5, "{attempts:?}");
    run_batch("batch", &roster, &["--dry-run"]).ends_with(0);
    assert_eq!(done_in_a_copy(), 5);
    // The copy goes on where the original was.
    let ran = run_batch("batch", &elsewhere.join("roster.csv"), &[]).ends_with(0);
    assert!(ran.stdout.contains("5 done; none finished in this run"), "{}", ran.stdout);
    assert_eq!(tally(farm), (5, 0));
}

#[test]
fn a_ledger_that_is_deleted_under_a_batch_stops_it_and_the_next_run_knows_all() {
    for also in [&["-wal", "-shm"][..], &[]] {
        let folder = tempfile::tempdir().expect("a folder");
        let roster = folder.path().join("roster.csv");
        let slow = ["--count", "30", "--delay", "100%", "--delay-by", "50ms"];
        let (farm, _) = farm(&[&slow[..], &["--roster", roster.to_str().expect("text")]].concat());
        let mut working = batch(&roster, &["--parallel", "3"]);
        (0..10).for_each(|_| drop(working.until("device-ended")));
        let ledger = folder.path().join("roster.ledger");
        fs::remove_file(&ledger).expect("removed");
        for end in also {
            fs::remove_file(folder.path().join(format!("roster.ledger{end}"))).expect("removed");
        }
        let mut told = String::new();
        while let Some(event) = working.event() {
            assert_ne!(event["event"], "batch-ended");
            told = event["error"].as_str().unwrap_or_default().to_owned();
        }
        working.ends_with(61);
        // Whichever of its files it looks for first.
        let is_told =
            |end: &&str| told.contains(&format!("roster.ledger{end} was deleted or moved"));
        assert!(["", "-wal", "-shm"].iter().any(is_told), "{told}");
        assert!(count(&standings(&roster, &[]), "done") >= 10);
        run_batch("batch", &roster, &["--parallel", "3"]);
        let now = standings(&roster, &[]);
        assert_eq!(count(&now, "done") + count(&now, "unconfirmed"), 30);
        assert_eq!(tally(farm), (30, 0));
    }
}

/// Those under way end after the loss is noticed.
#[test]
fn what_is_under_way_when_a_ledger_is_deleted_ends_and_is_saved_with_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let slow = ["--count", "10", "--join-delay", "2s", "--roster", roster.to_str().expect("text")];
    let (farm, _) = farm(&slow);
    let mut working = batch(&roster, &["--parallel", "5"]);
    let mut done = Vec::new();
    (0..5).for_each(|_| drop(working.until("device-started")));
    fs::remove_file(folder.path().join("roster.ledger")).expect("removed");
    while let Some(event) = working.event() {
        assert_ne!(event["event"], "device-started", "{event}");
        if event["state"] == "done" {
            done.push(event["device"].clone());
        }
        assert_ne!(event["event"], "unrecorded", "{event}");
    }
    working.ends_with(61);
    assert_eq!(done.len(), 5, "{done:?}");
    let now = standings(&roster, &[]);
    assert!(now.iter().all(|one| (one["state"] == "done") == done.contains(&one["device"])));
    assert_eq!(count(&now, "waiting"), 5);
    run_batch("batch", &roster, &["--parallel", "5"]).ends_with(0);
    assert_eq!(tally(farm), (10, 0));
}

#[test]
fn a_ledger_that_is_written_over_under_a_batch_is_never_told_to_be_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let slow = ["--count", "60", "--delay", "100%", "--delay-by", "20ms"];
    let (farm, _) = farm(&[&slow[..], &["--roster", roster.to_str().expect("text")]].concat());
    let all = fs::read_to_string(&roster).expect("a roster");
    let lines: Vec<_> = all.lines().collect();
    let lots = ["first", "second"].map(|lot| folder.path().join(lot).with_extension("csv"));
    fs::write(&lots[0], lines[..41].join("\n")).expect("written");
    fs::write(&lots[1], [&lines[..1], &lines[41..]].concat().join("\n")).expect("written");
    let ledger = folder.path().join("all.ledger");
    let on = ["--ledger", ledger.to_str().expect("text"), "--add-roster", "--parallel", "5"];
    run_batch("batch", &lots[0], &on).ends_with(0);
    let known = fs::read(&ledger).expect("bytes");
    let mut other = known.clone();
    other.truncate(8192);
    for (end, bytes) in [("", &known[..]), ("", &other), ("-wal", &[])] {
        fs::write(&ledger, &known).expect("written");
        let mut working = batch(&lots[1], &on);
        let mut ended = vec![working.until("device-ended")];
        fs::write(format!("{}{end}", ledger.display()), bytes).expect("written");
        let mut told = String::new();
        while let Some(event) = working.event() {
            assert_ne!(event["event"], "batch-ended");
            if event["event"] == "device-ended" {
                ended.push(event.clone());
            }
            told = event["error"].as_str().unwrap_or_default().to_owned();
        }
        working.ends_with(61);
        assert!(told.contains(&format!("all.ledger{end} was overwritten")), "{told}");
        let rescued = folder.path().join("all.ledger-rescued");
        let on = ["--ledger", rescued.to_str().expect("text")];
        let kept = standings(&lots[1], &on);
        assert!(count(&kept, "done") >= 40, "{told}");
        // Those of the round before were forgotten, are gone, and wait to be tried again.
        for one in ended {
            let is_it = |kept: &&Value| kept["device"] == one["device"];
            let kept = kept.iter().find(is_it).expect("it is known");
            assert_eq!(kept["state"], one["state"], "{told}: {one}");
        }
        fs::remove_file(rescued).expect("removed");
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", ledger.display()));
        }
    }
    drop(farm);
}

#[test]
fn a_second_ctrl_c_leaves_the_ledger_as_one_file_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let slow = ["--count", "20", "--delay", "100%", "--delay-by", "100ms"];
    let (_farm, _) = farm(&[&slow[..], &["--roster", roster.to_str().expect("text")]].concat());
    let hook = "trap '' TERM; sleep 7777 & wait";
    let mut ran = batch(&roster, &["--parallel", "2", "--on-result", hook]);
    ran.until("device-ended");
    ran.signal(Signal::SIGINT);
    ran.signal(Signal::SIGTERM);
    let mut told = String::new();
    while let Some(event) = ran.event() {
        told = event["error"].as_str().unwrap_or_default().to_owned();
    }
    ran.ends_with(130);
    assert_eq!(told, "interrupted; run the same command to resume");
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .map(|file| file.expect("a file").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, ["roster.csv", "roster.ledger"]);
    assert!(count(&standings(&roster, &[]), "done") >= 1);
}

#[test]
fn too_few_descriptors_are_no_failure_of_devices_or_hooks() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let slow = ["--count", "30", "--delay", "100%", "--delay-by", "20ms"];
    let (_farm, _) = farm(&[&slow[..], &["--roster", roster.to_str().expect("text")]].concat());
    let line = "ulimit -n 30; exec \"$0\" batch --roster \"$1\" --parallel 30 --on-result true";
    let ran = Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_esp-prov-rs")])
        .arg(&roster)
        .output_in_time();
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&ran.stdout));
    assert_eq!(told.matches("ulimit -n").count(), 1, "{told}");
    assert_eq!(count(&standings(&roster, &[]), "done"), 30);

    // In JSON it is an event.
    let line = format!("{line} --json");
    let ran = Command::new("sh")
        .args(["-c", &line, env!("CARGO_BIN_EXE_esp-prov-rs")])
        .arg(&roster)
        .output_in_time();
    let events = String::from_utf8_lossy(&ran.stdout).into_owned();
    let events: Vec<Value> =
        events.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let few: Vec<_> = events.iter().filter(|event| event["event"] == "few-files").collect();
    assert!(few.len() == 1 && few[0]["at_once"].as_u64().is_some_and(|room| room < 30), "{few:?}");
    assert!(!String::from_utf8_lossy(&ran.stderr).contains("ulimit -n"));
}

/// The ninth hook is due when nothing can be opened any more.
#[cfg(target_os = "linux")]
#[test]
fn a_hook_waits_until_there_are_descriptors_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "9", "--roster", roster.to_str().expect("text")]);
    let (results, go) = (folder.path().join("results"), folder.path().join("go"));
    let hook = hook_that_waits(&results, &go);
    let mut ran = batch(&roster, &["--on-result", &hook]);
    (0..9).for_each(|_| drop(ran.until("device-ended")));
    let lines = || fs::read_to_string(&results).map_or(0, |text| text.lines().count());
    process::until(|| lines() == 8);
    let id = ran.process.id().to_string();
    let limit = |files: &str| {
        let mut prlimit = Command::new("prlimit");
        let set = prlimit.args(["--pid", &id, &format!("--nofile={files}:")]).output_in_time();
        assert!(set.status.success(), "{set:?}");
    };
    limit("4");
    fs::write(&go, "").expect("written");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(lines(), 8);
    limit("1000");
    ran.until("batch-ended");
    ran.ends_with(0);
    assert_eq!(lines(), 9);
}

/// Neither a roster nor a ledger is at fault, whatever can't be opened first.
#[cfg(target_os = "linux")]
#[test]
fn a_limit_of_files_is_named_and_damages_no_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let line = "id,address,pop,ssid,passphrase\nA,http://127.0.0.1:1,x,Home,correct-horse\n";
    fs::write(&roster, line).expect("written");
    let (mut codes, mut ledgers) = (Vec::new(), 0);
    for limit in [8, 14, 15, 16, 17, 18, 20, 30] {
        let line = format!(
            "ulimit -n {limit}; exec \"$0\" batch --roster \"$1\" --retries 0 --attempts 1 -q \
             --batch-timeout 5s"
        );
        let ran = Command::new("sh")
            .args(["-c", &line, env!("CARGO_BIN_EXE_esp-prov-rs")])
            .arg(&roster)
            .output_in_time();
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        let code = ran.status.code();
        codes.push(code);
        assert!(!told.contains("damaged") && !told.contains("report it"), "{limit}: {told}");
        if code != Some(60) {
            assert!(matches!(code, Some(1 | 3 | 61)), "{limit}: {code:?} {told}");
            let hint = "hint: raise the limit of open files (`ulimit -n`)";
            assert!(told.contains(hint), "{limit}: {told}");
        }
        ledgers += u32::from(code == Some(61));
    }
    assert!(ledgers > 0 && codes.last() == Some(&Some(60)), "{codes:?}");
    let few = "ulimit -n 12; exec \"$0\" simulate --count 20 --listen 127.0.0.1:0";
    let ran =
        Command::new("sh").args(["-c", few, env!("CARGO_BIN_EXE_esp-prov-rs")]).output_in_time();
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(told.contains("hint: raise the limit of open files"), "{told}");
}

#[test]
fn a_mistake_in_the_url_of_a_ledger_is_named_without_what_may_be_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "id,address,pop,ssid,passphrase\n").expect("written");
    for (url, told) in [
        ("postgres://u@127.0.0.1:1/db?hunter2=x", "an unknown option\n"),
        ("postgres://u@127.0.0.1:70707031/db", "invalid value for option `port`\n"),
        ("host=127.0.0.1 port=1 password=a hunter2 dbname=db", "settings are NAME=VALUE;"),
    ] {
        let ran = run_batch("batch status", &roster, &["--ledger", url]).ends_with(61);
        assert!(ran.stderr.contains(&format!("its URL: {told}")), "{url}: {}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"), "{url}: {}", ran.stderr);
    }
}

#[test]
fn an_empty_command_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = one_device(folder.path());
    for blank in ["", " \t"] {
        for also in [&[][..], &["--dry-run"]] {
            let hook = [&["--on-result", blank][..], also].concat();
            let ran = run_batch("batch", &roster.path, &hook).ends_with(3);
            assert!(ran.stderr.contains("--on-result: empty; give a command"), "{}", ran.stderr);
        }
    }
}

#[test]
fn rosters_do_not_share_a_ledger_unless_somebody_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let [first, second] = ["lot.1", "lot.2"].map(|name| folder.path().join(name));
    let (farm, listening) = farm(&["--count", "2"]);
    for (roster, at) in [(&first, 0), (&second, 1)] {
        let address = listening["addresses"][at].as_str().expect("an address");
        // Each lot counts from 1.
        let line =
            format!("id,address,pop,ssid,passphrase\n1,{address},abcd1234,Home,correct-horse\n");
        fs::write(roster, line).expect("written");
    }
    run_batch("batch", &first, &[]).ends_with(0);
    assert_eq!(standings(&first, &[]).len(), 1);
    run_batch("batch status", &second, &[]).ends_with(3);
    let of_first = folder.path().join("lot.1.ledger");
    let that = ["--ledger", of_first.to_str().expect("text")];
    for words in ["batch", "batch --dry-run"] {
        let ran = run_batch(words, &second, &that).ends_with(3);
        let told = "lot.1.ledger: it belongs to lot.1, not to ";
        assert!(ran.stderr.contains(told) && ran.stderr.contains("--add-roster"), "{}", ran.stderr);
    }
    run_batch("batch", &second, &[]).ends_with(0);
    assert_eq!(tally(farm), (2, 0));
    // Who means it says so once.
    run_batch("batch", &second, &[&that[..], &["--add-roster"]].concat()).ends_with(0);
    run_batch("batch", &second, &that).ends_with(0);
    let ran = run_batch("batch status --json", &second, &that).ends_with(0);
    assert!(ran.stdout.contains(r#""rosters":["lot.1","lot.2"]"#), "{}", ran.stdout);
    // A ledger of earlier versions is found, but not if it is another roster's.
    fs::remove_file(folder.path().join("lot.2.ledger")).expect("removed");
    fs::rename(&of_first, folder.path().join("lot.ledger")).expect("renamed");
    run_batch("batch status", &first, &[]).ends_with(0);
    let third = folder.path().join("lot.3");
    fs::copy(&second, &third).expect("copied");
    let ran = run_batch("batch status", &third, &[]).ends_with(3);
    assert!(ran.stderr.contains("lot.ledger: it belongs to lot.1 and lot.2, not to "));
}

#[test]
fn a_ledger_that_another_program_holds_is_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    // Slow, so that they are under way when the database is held.
    let slow = ["--count", "3", "--delay", "100%", "--delay-by", "300ms"];
    let (farm, _) = farm(&[&slow[..], &["--roster", roster.to_str().expect("text")]].concat());
    let mut first = batch(&roster, &["--ledger-timeout", "1min"]);
    // The devices' first wish to tell finds the database held.
    first.until("batch-started");
    let holder = Connection::open(folder.path().join("roster.ledger")).expect("a database");
    holder.busy_timeout(std::time::Duration::from_secs(20)).expect("set");
    holder.execute_batch("BEGIN EXCLUSIVE").expect("held");
    let mut waits = false;
    loop {
        match first.event() {
            Some(event) if event["event"] == "ledger-unavailable" => {
                assert_eq!(event["error"], "another program holds it");
                // More than one device may say so.
                if !std::mem::replace(&mut waits, true) {
                    holder.execute_batch("COMMIT").expect("given back");
                }
            }
            Some(event) if event["event"] == "batch-ended" => break,
            Some(_) => {}
            None => panic!("it ended without a word"),
        }
    }
    first.ends_with(0);
    assert!(waits, "it was done before the database was held");
    assert_eq!(tally(farm), (3, 0));
}

#[test]
fn every_mistake_of_a_roster_is_told_before_anything_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let lines = "id,address,pop,ssid,passphrase,channel
A,http://10.0.0.1,hush-hush,Home,short,
A,http://10.0.0.1,hush-hush,Home,long-enough,99
B,ftp://10.0.0.2,hush-hush,Home,env:NO_SUCH_VARIABLE,
";
    fs::write(&roster, lines).expect("written");
    let ran = run_batch("batch", &roster, &[]).ends_with(3);
    for told in [
        "roster.csv: line 2, column 5: passphrase: ",
        "roster.csv: line 3, column 1: id: same as in line 2",
        "roster.csv: line 3, column 6: channel: 99: a channel is a number from 1 to 14, or one at 5 GHz such as 36",
        "roster.csv: line 4, column 2: address: not the address of a device: the only scheme is http://",
        "roster.csv: line 4, column 5: passphrase: the variable NO_SUCH_VARIABLE is not set",
        "mistakes; nothing was started",
    ] {
        assert!(ran.stderr.contains(told), "{told} is not in {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("hush-hush") && !ran.stderr.contains("short\""));
    assert!(!Path::new(&roster.with_extension("ledger")).exists());

    fs::write(&roster, "id,address\nA,http://10.0.0.1\n").expect("written");
    let ran = run_batch("batch", &roster, &[]).ends_with(3);
    assert!(ran.stderr.contains("line 2: ssid: is missing"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: give what all devices have in common"), "{}", ran.stderr);
}

#[test]
fn a_job_file_has_flags_and_those_typed_outweigh_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, listening) = farm(&["--count", "1"]);
    let address = listening["addresses"][0].as_str().expect("an address");
    fs::write(&roster, format!("id,address\nA,http://{address}\n")).expect("written");
    let job = folder.path().join("line.toml");
    let work = |text: &str, arguments: &[&str]| {
        fs::write(&job, text).expect("written");
        let job = job.to_str().expect("text");
        run_batch("batch", &roster, &[&["--job", job], arguments].concat())
    };
    for (text, told) in [
        ("ssid = \"Home\"\nspeed = 3", "line 2: batch has no such flag"),
        ("parallel = true", "parallel: a text or a number"),
        ("watch = 1", "watch: true or false"),
        ("passphrase = \"hush-hush", "line 1: "),
    ] {
        let ran = work(text, &[]).ends_with(3);
        assert!(ran.stderr.contains(told) && !ran.stderr.contains("hush"), "{}", ran.stderr);
    }
    let good =
        "pop = \"abcd1234\"\nssid = \"Nowhere\"\npassphrase = \"correct-horse\"\nretries = 0";
    let ran = work(good, &["--dry-run"]).ends_with(0);
    assert!(ran.stdout.contains("network Nowhere"), "{}", ran.stdout);
    let ran = work(good, &["--dry-run", "--ssid", "Home"]).ends_with(0);
    assert!(ran.stdout.contains("network Home"), "{}", ran.stdout);
    assert!(!roster.with_extension("ledger").exists(), "a dry run leaves nothing");
    work(good, &["--ssid", "Home"]).ends_with(0);
}

#[test]
fn yesterdays_names_of_flags_are_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let line = "id,address,pop,ssid,passphrase\nA,192.0.2.1,abcd1234,Home,correct-horse\n";
    fs::write(&roster, line).expect("written");
    let job = folder.path().join("line.toml");
    let work = |text: &str, arguments: &[&str]| {
        fs::write(&job, text).expect("written");
        let job = job.to_str().expect("text");
        run_batch("batch", &roster, &[&["--dry-run", "--job", job], arguments].concat())
    };
    for (old, new) in [
        ("connect-within", "--connect-timeout"),
        ("reply-within", "--reply-timeout"),
        ("join-within", "--join-timeout"),
        ("retry-pause", "--retry-interval"),
        ("within", "--batch-timeout"),
        ("ledger-within", "--ledger-timeout"),
        ("adapter-within", "--adapter-timeout"),
    ] {
        work("", &[&format!("--{old}"), "1m"]).ends_with(0);
        work(&format!("{old} = \"1m\""), &[]).ends_with(0);
        // It is the flag of today, which is outweighed when it is typed.
        work(&format!("{old} = \"1m\""), &[new, "2m"]).ends_with(0);
        let ran = work(&format!("{old} = \"soon\""), &[]).ends_with(3);
        assert!(ran.stderr.contains(new), "{new} is not in {}", ran.stderr);
    }
}

#[test]
fn a_mistake_in_a_job_file_is_named_at_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "id,address,pop,ssid,passphrase\n").expect("written");
    let job = folder.path().join("line.toml");
    for (text, line, told, code) in [
        ("retries = 1\n\nretries = 2\n", 3, "", 3),
        ("retries = 1\nretries = \n", 2, "", 3),
        ("retries = = 1", 1, "", 3),
        ("retries = 1\nwatch = 1", 2, "watch: true or false", 3),
        ("retries = 1\njob = \"x\"", 2, "job: give it on the command line", 3),
        (
            "retries = 1\n\n timeout = \"soon\"",
            3,
            "invalid value for '--timeout <TIME>': a time",
            3,
        ),
        ("retry-interval = \"1s\"\nretries = \"x\"", 2, "invalid value for '--retries <N>'", 3),
        ("retries = 1\nretry-pause = \"x\"", 2, "invalid value for '--retry-interval <TIME>'", 3),
        (
            "passphrase = \"hush-hush\"\nopen = true",
            2,
            "the argument '--open' cannot be used with",
            2,
        ),
    ] {
        fs::write(&job, text).expect("written");
        let job = job.to_str().expect("text");
        let ran = run_batch("batch", &roster, &["--dry-run", "--job", job]).ends_with(code);
        let place = format!("error: --job {job}: line {line}: {told}");
        assert!(ran.stderr.contains(&place), "{place} is not in {}", ran.stderr);
        assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    }
}

#[test]
fn devices_are_worked_on_as_they_appear() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    // An address that nobody has yet.
    let place = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = place.local_addr().expect("an address").to_string();
    drop(place);
    let line = format!("id,address,pop,ssid,passphrase\nA,{address},abcd1234,Home,correct-horse\n");
    fs::write(&roster, line).expect("written");
    let mut watching = batch(&roster, &["--watch", "--watch-interval", "20ms"]);
    watching.until("batch-started");
    let once = ["--listen", &address, "--once"];
    let mut command = Command::new(crate::farms::TOOL);
    let (mut device, _, _) =
        process::start(command.args(["simulate", "--json", "--join-delay", "0"]).args(once));
    let end = watching.until("batch-ended");
    assert_eq!(end["done"], 1);
    watching.ends_with(0);
    device.kill().expect("ours");
    device.wait_in_time();
}

#[test]
fn each_device_has_a_trace_over_all_its_attempts_and_no_secret_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let path = roster.to_str().expect("text");
    let (_farm, _) = farm(&["--count", "20", "--roster", path, "--drop", "10%", "--seed", "3"]);
    let traces = folder.path().join("traces");
    let told = ["--trace", traces.to_str().expect("text"), "--retries", "9", "--attempts", "1"];
    run_batch("batch", &roster, &[&told[..], &["--retry-interval", "50ms"]].concat()).ends_with(0);
    let (mut devices, mut lost) = (0, 0);
    for file in fs::read_dir(&traces).expect("a folder") {
        let bytes = fs::read(file.expect("a file").path()).expect("a trace");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("correct-horse") && !text.contains("abcd1234"), "{text}");
        let trace = esp_prov_trace::read(&bytes).expect("a trace");
        assert!(!trace.head.secrets && trace.head.address.starts_with("http://127."));
        let numbers: Vec<_> = trace.records.iter().map(|(_, record)| record.exchange).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
        assert!(text.contains("\"wifi_sta_state\":\"Connected\""), "{text}");
        lost += trace.records.iter().filter(|(_, record)| record.failure.is_some()).count();
        devices += 1;
    }
    assert_eq!(devices, 20);
    assert!(lost > 0, "a tenth of the exchanges is lost");
}

/// Until so many devices were told to join.
fn until_applied(process: &mut crate::farms::Process, devices: usize) {
    for _ in 0..devices {
        while process.until("device-event")["happened"]["event"] != "applied" {}
    }
}

#[test]
fn after_one_signal_devices_that_join_end_and_after_two_nobody_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let path = roster.to_str().expect("text");
    let (farm, _) = farm(&["--count", "2", "--join-delay", "2s", "--roster", path]);
    let mut gently = batch(&roster, &["-v"]);
    until_applied(&mut gently, 2);
    gently.signal(Signal::SIGINT);
    assert_eq!(gently.until("draining")["devices"], 2);
    let end = gently.until("batch-ended");
    assert_eq!((&end["end"], &end["done"]), (&"interrupted".into(), &2.into()));
    gently.ends_with(130);
    assert_eq!(count(&standings(&roster, &[]), "done"), 2);
    assert_eq!(tally(farm), (2, 0));

    let roster = folder.path().join("slow.csv");
    let path = roster.to_str().expect("text");
    let (_farm, _) = crate::farms::farm(&["--count", "1", "--join-delay", "50s", "--roster", path]);
    let mut at_once = batch(&roster, &["-v"]);
    until_applied(&mut at_once, 1);
    at_once.signal(Signal::SIGINT);
    at_once.until("draining");
    let began = std::time::Instant::now();
    at_once.signal(Signal::SIGINT);
    at_once.ends_with(130);
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn devices_are_put_back_by_id_label_and_state_and_who_did_it_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (farm, listening) = farm(&["--count", "3"]);
    let mut text = "id,address,pop,ssid,passphrase,lot\n".to_owned();
    for (id, at) in ["A", "B", "C"].into_iter().zip(0..) {
        let address = listening["addresses"][at].as_str().expect("an address");
        let lot = 7 + at / 2;
        writeln!(text, "{id},{address},abcd1234,Home,correct-horse,{lot}").expect("a text");
    }
    fs::write(&roster, text).expect("written");
    run_batch("batch", &roster, &[]).ends_with(0);
    let retry = |words: &[&str]| run_batch("batch retry --done", &roster, words);
    // Nobody puts all of them back by mistake, or without a reason.
    assert!(retry(&["--reason", "x"]).ends_with(3).stderr.contains("name the devices (ID)"));
    assert!(retry(&["A"]).ends_with(2).stderr.contains("--reason"));
    let unknown = retry(&["--reason", "x", "A", "Z"]).ends_with(3);
    assert!(unknown.stderr.contains("not in the ledger") && unknown.stderr.contains(": Z"));
    let none = retry(&["--reason", "x", "--label", "lot=9"]).ends_with(3);
    assert!(none.stderr.contains("--label: no such device"), "{}", none.stderr);
    assert!(retry(&["--reason", "x", "--label", "lot"]).ends_with(3).stderr.contains("NAME=VALUE"));
    assert_eq!(count(&standings(&roster, &[]), "done"), 3);

    let by = ["--by", "anna", "--reason", "new antenna"];
    let ran = retry(&[&by[..], &["--label", "lot=7", "A", "C"]].concat()).ends_with(0);
    assert!(ran.stdout.contains("1 device waits again"), "{}", ran.stdout);
    let states = standings(&roster, &[]);
    let states: Vec<_> = states.iter().map(|one| one["state"].as_str().expect("text")).collect();
    assert_eq!(states, ["waiting", "done", "done"]);
    let kept = exported(&roster, &[]);
    let of_a = kept.iter().find(|one| one["device"] == "A").expect("its attempt");
    assert_eq!((&of_a["requeued_by"], &of_a["requeue_reason"]), (&by[1].into(), &by[3].into()));
    assert!(of_a["requeued_at"].is_string() && of_a["outcome"] == "connected");
    // It has left its access point, and a new one that is not there is not found: nobody takes it for
    // one that was told to join and has left.
    run_batch("batch", &roster, &["--retries", "0", "--attempts", "1"]).ends_with(60);
    let kept = exported(&roster, &[]);
    let of_a = kept.iter().filter(|one| one["device"] == "A").map(|one| &one["outcome"]);
    assert_eq!(of_a.collect::<Vec<_>>(), ["connected", "failed"]);
    assert_eq!(tally(farm), (3, 0));
    let report = run_batch("batch report", &roster, &["--format", "json"]).ends_with(0).stdout;
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((&report["done"], &report["first_pass"]), (&2.into(), &2.into()));
    let who = run_batch("batch retry", &roster, &["--done", "--reason", "x", "B"]).ends_with(0);
    assert!(who.stderr.is_empty(), "{}", who.stderr);
    let kept = exported(&roster, &[]);
    let by =
        kept.iter().find(|one| one["device"] == "B").expect("its attempt")["requeued_by"].clone();
    assert!(by.as_str().expect("somebody").contains('@'), "{by}");
}

/// A line that only tests its units, by a job file, and a batch that provisions them afterwards.
#[test]
fn devices_that_were_only_tested_are_recorded_and_counted_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (mut farm, listening) = farm(&["--count", "2", "--quirk", "stays-open"]);
    let mut text = "id,address,pop,ssid,passphrase\n".to_owned();
    for (id, at) in ["A", "B"].into_iter().zip(0..) {
        let address = listening["addresses"][at].as_str().expect("an address");
        writeln!(text, "{id},{address},abcd1234,Home,correct-horse").expect("a text");
    }
    fs::write(&roster, text).expect("written");
    let job = folder.path().join("test.toml");
    fs::write(&job, "then = \"reset\"\n").expect("written");
    let job = ["--job", job.to_str().expect("text")];
    let refused = run_batch("batch", &roster, &job).ends_with(3).stderr;
    assert!(refused.contains("reset only after a failed join"), "{refused}");

    fs::write(job[1], "then = \"reprovision\"\n").expect("written");
    let results = folder.path().join("results");
    let hook = format!("cat >> {}", results.display());
    let mut batch = batch(&roster, &[&job[..], &["--on-result", &hook]].concat());
    let ended = batch.until("device-ended");
    assert_eq!((&ended["outcome"], &ended["state"]), (&"tested".into(), &"done".into()));
    assert_eq!((&ended["exit_code"], &ended["ip"]), (&0.into(), &"192.168.1.57".into()));
    let ended = batch.until("batch-ended");
    assert_eq!((&ended["done"], &ended["tested"]), (&2.into(), &2.into()));
    batch.ends_with(0);
    let handed_over = fs::read_to_string(&results).expect("results");
    assert_eq!(handed_over.matches("\"outcome\":\"tested\"").count(), 2, "{handed_over}");

    let outcomes = || -> Vec<_> {
        exported(&roster, &[]).into_iter().map(|one| one["outcome"].clone()).collect()
    };
    assert_eq!(outcomes(), ["tested", "tested"]);
    assert!(standings(&roster, &[]).iter().all(|one| one["outcome"] == "tested"));
    let status = run_batch("batch status", &roster, &["-v"]).ends_with(0).stdout;
    assert!(status.contains("A  done         tested, http://127."), "{status}");
    assert!(status.contains("2 devices: 2 done (2 of them only tested)"), "{status}");
    let report = |format| run_batch("batch report", &roster, &["--format", format]).ends_with(0);
    let json: Value = serde_json::from_str(&report("json").stdout).expect("JSON");
    assert_eq!(
        (&json["done"], &json["tested"], &json["yield"]),
        (&2.into(), &2.into(), &1.0.into())
    );
    assert!(report("html").stdout.contains("units done, 2 of them only tested"));
    assert!(report("junit").stdout.contains(r#"name="outcome" value="tested""#));

    // A batch that provisions leaves them as they are, and says so, until they are put back.
    let skipped = run_batch("batch", &roster, &[]).ends_with(0).stdout;
    assert!(skipped.contains("2 done (2 of them only tested)"), "{skipped}");
    run_batch("batch retry", &roster, &["--done", "--reason", "ship", "A", "B"]).ends_with(0);
    let done = run_batch("batch", &roster, &[]).ends_with(0).stdout;
    assert!(done.contains("2 devices: 2 done; "), "{done}");
    assert_eq!(outcomes(), ["tested", "tested", "connected", "connected"]);
    farm.signal(Signal::SIGINT);
    assert_eq!(farm.until("farm-ended")["joined_twice"], 2);
}
