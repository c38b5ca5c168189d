//! The long form of each exit code: what it means, why it usually happens on each transport, and
//! what to try.

use textwrap::{Options, WordSplitter};

use super::Exit;

/// The long form of an exit code.
struct Long {
    /// What happened, in a few sentences.
    what: &'static str,
    /// The transport, and why it usually happens there.
    reasons: &'static [(&'static str, &'static str)],
    /// What to try, in order.
    tries: &'static [&'static str],
}

const ANY: &str = "any";
const HTTP: &str = "softap";
const BLE: &str = "ble";
const CONSOLE: &str = "console";

impl Exit {
    /// The exit code with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().find(|exit| exit.code == code).copied()
    }

    /// Its long form, for people.
    pub fn explanation(self) -> String {
        let Long { what, reasons, tries } = self.long();
        let mut text = format!("{}: {}\n\n", self.code, self.meaning);
        wrap(&mut text, "", "", what);
        if !reasons.is_empty() {
            text.push_str("\nUsual reasons:\n");
        }
        for (transport, why) in reasons {
            wrap(&mut text, &format!("  {transport:8} "), "           ", why);
        }
        if !tries.is_empty() {
            text.push_str("\nWhat to try:\n");
        }
        for (number, what) in tries.iter().enumerate() {
            wrap(&mut text, &format!("  {}. ", number + 1), "     ", what);
        }
        text
    }

    #[allow(clippy::too_many_lines, reason = "a text for each code")]
    fn long(self) -> Long {
        match self {
            Self::DONE => Long {
                what: "Everything asked for was done. For provisioning, this means that the device \
                       itself reports a connection, and to which network.",
                reasons: &[],
                tries: &[],
            },
            Self::INTERNAL => Long {
                what: "Something failed that has nothing to do with the device or the command \
                       line, such as the creation of a pseudo-terminal.",
                reasons: &[],
                tries: &["run it again with `-vv` and report the output"],
            },
            Self::USAGE => Long {
                what: "The command line is invalid: an unknown flag, a missing value, two \
                       flags that exclude each other. Nothing was sent. A value that can't be \
                       right ends with 3, whether a flag, a file or a variable has it.",
                reasons: &[(
                    ANY,
                    "a value with spaces that is not quoted, or one that starts with a hyphen and \
                     is not joined to its flag by =",
                )],
                tries: &["`esp-prov-rs --help`, or `--help` after a command"],
            },
            Self::INPUT => Long {
                what: "A value, an address, a file or a secret is missing or invalid. The device \
                       was given nothing.",
                reasons: &[
                    (
                        ANY,
                        "no terminal to prompt on, and no flag, file or variable with the proof of \
                         possession or the passphrase",
                    ),
                    (ANY, "a passphrase of 1 to 7 or over 63 bytes, which no firmware takes"),
                    (
                        ANY,
                        "a control character in a secret, a user name or an SSID: a line break \
                         from a file or a multi-line cell, a tab from a table, a NUL or others \
                         from text in another encoding",
                    ),
                    (
                        ANY,
                        "a Thread network that the device does not see under this name or extended \
                         PAN ID; the message shows networks with a similar name",
                    ),
                    (
                        ANY,
                        "a message longer than any device takes: 4,096 bytes over HTTP (4,080 \
                           under security 2), 512 over BLE, a line of 255 characters on a console",
                    ),
                    (
                        BLE,
                        "a name that several devices have: give the address that `esp-prov-rs \
                         discover` lists; no name at all; two lines of a roster that lead to the \
                         same device",
                    ),
                    (CONSOLE, "--port is missing"),
                    (
                        ANY,
                        "a named pipe whose other end is not opened within 10 s, or whose writer \
                         sends nothing for 60 s",
                    ),
                ],
                tries: &["follow the message: it names the field and what would be right"],
            },
            Self::OUTPUT => Long {
                what: "Everything asked for was done, but its result could not be written to \
                       stdout. A run that fails keeps the code of its failure. A reader that \
                       closes its end early, such as `head`, is not an error: the run continues \
                       and ends with its own code.",
                reasons: &[
                    (ANY, "the disk that stdout is written to is full"),
                    (ANY, "nobody has read from the other end of a pipe for ten minutes"),
                ],
                tries: &[
                    "free space, and repeat commands that only show something (`qr`, `batch \
                     export`, `scan`)",
                    "after provisioning, `esp-prov-rs status` or `batch status` show the result",
                ],
            },
            Self::NOT_FOUND => Long {
                what: "Nothing was found at the address: the name does not resolve, or no device \
                       with that name advertises.",
                reasons: &[
                    (
                        HTTP,
                        "a host name that only resolves in the device's own network, or a typo in \
                         it",
                    ),
                    (
                        BLE,
                        "the device is already provisioned and no longer advertises; another phone \
                         or computer is connected to it, and it does not advertise meanwhile; it \
                         is out of range; it has another name, or one that is cut off (firmware \
                         advertises 29 bytes of it), which a batch does not accept",
                    ),
                    (
                        CONSOLE,
                        "the serial port does not exist: the cable is unplugged or carries only \
                         power, or the driver is missing",
                    ),
                ],
                tries: &[
                    "over BLE, `esp-prov-rs discover` lists the devices in range",
                    "restart the device, holding its reset button if that makes it forget its \
                     network",
                    "`esp-prov-rs doctor` checks this machine",
                ],
            },
            Self::CONNECT => Long {
                what: "The address was found, but it does not accept the connection.",
                reasons: &[
                    (
                        HTTP,
                        "this machine is not in the device's network: join its access point first, \
                         and see that the system does not leave it for lack of internet; another \
                         port than 80; the device has left provisioning mode",
                    ),
                    (
                        BLE,
                        "the adapter is off, blocked, or forbidden to this user, or its service \
                         does not run, and this did not change in time; it can't scan for ten \
                         seconds after its service has crashed; the device makes Bluetooth crash, \
                         or refuses the pairing that it demands; another client is connected, \
                         perhaps another program on this machine; the signal is weak",
                    ),
                    (
                        CONSOLE,
                        "another program (`idf.py monitor`, screen) has the port open; this user \
                         may not open it",
                    ),
                ],
                tries: &[
                    "over HTTP: join the device's access point (PROV_… or similar) and switch off \
                     mobile data and VPN",
                    "`esp-prov-rs doctor` shows which network this machine is in, and problems \
                     with Bluetooth and serial ports",
                    "`esp-prov-rs info` with the same address, once it can be reached",
                ],
            },
            Self::LINK_LOST => Long {
                what: "The connection was lost or a reply did not arrive in time, in every \
                       attempt.",
                reasons: &[
                    (
                        ANY,
                        "the device restarts: its power supply is weak, or its firmware crashes \
                           (its console says so)",
                    ),
                    (ANY, "another client took over the session: a device has only one"),
                    (HTTP, "its access point changes channels when it scans or joins"),
                    (HTTP, "408: this machine's requests reach it too slowly, in pieces"),
                    (BLE, "out of range, or too many other connections"),
                    (CONSOLE, "another baud rate; no provisioning console on this port"),
                ],
                tries: &[
                    "close every other app that talks to it, restart it, and try again",
                    "`--trace trace.jsonl` records which request gets no reply; `esp-prov-rs \
                     decode trace.jsonl` shows what was in it",
                    "raise `--attempts` and `--reply-timeout` (`info` does not retry)",
                ],
            },
            Self::UNSUPPORTED => Long {
                what: "The device answers, but lacks something this run needs.",
                reasons: &[
                    (
                        ANY,
                        "firmware before ESP-IDF v5.1 has no prov-ctrl, so no reset; legacy \
                           examples have no scan",
                    ),
                    (ANY, "firmware for Thread was given a Wi-Fi network, or vice versa"),
                    (HTTP, "another web server: HTTP 404 where a device has proto-ver"),
                    (
                        BLE,
                        "it does not allow an endpoint to be read or written, because its \
                         application requires another step first",
                    ),
                    (CONSOLE, "security 2, whose messages are longer than a console line"),
                    (
                        ANY,
                        "firmware whose sessions are for its application only has no prov-config \
                         and takes no network",
                    ),
                ],
                tries: &[
                    "`esp-prov-rs info` lists its endpoints and capabilities",
                    "leave out what it lacks: --proto-ver, --reset-first, --custom-data",
                    "update its firmware",
                ],
            },
            Self::PROTOCOL => Long {
                what: "Something answered, but not as provisioning firmware does.",
                reasons: &[
                    (HTTP, "it is a router or another web server; a captive portal; a proxy"),
                    (BLE, "another device with the same name or service"),
                    (CONSOLE, "another program's console on this port"),
                    (ANY, "a firmware bug: an empty or broken reply"),
                ],
                tries: &[
                    "check that the address is the device's: `esp-prov-rs info`",
                    "if it is, record `--trace trace.jsonl` and attach the file to a report: it \
                     contains no secrets",
                ],
            },
            Self::PROOF => Long {
                what: "Each side proved its secret, and the two were not the same. The device does \
                       not say so: it does not reply to the proof, which is tried twice to be \
                       sure. Keys, version and scheme were fine until then.",
                reasons: &[
                    (ANY, "the label is another device's, or was misread: 0 and O, 1 and l"),
                    (
                        ANY,
                        "the firmware derives its proof of possession from its MAC address or \
                         flash, instead of using that of the example",
                    ),
                    (
                        ANY,
                        "security 2: user name and password are swapped, or the verifier in its \
                         flash was generated from others",
                    ),
                    (ANY, "a line break or a space in a file or a variable"),
                ],
                tries: &[
                    "scan the QR code with `--qr` instead of typing",
                    "look for the secret in the firmware (`wifi_prov_mgr_start_provisioning`) or \
                     in its boot log",
                ],
            },
            Self::SECURITY => Long {
                what: "The device's security is not what was asked for, or can't check the secret \
                       that was given. Nothing secret was sent. What answered may not be your \
                       device: an impostor would claim to use no proof of possession, or no \
                       security at all.",
                reasons: &[
                    (ANY, "another device answers, at this address or by this name"),
                    (
                        ANY,
                        "the secret belongs to another scheme: security 1 has a proof of \
                         possession, security 2 a user name and password",
                    ),
                    (
                        ANY,
                        "--sec-ver or the label names a scheme that the firmware was not built \
                         with",
                    ),
                    (ANY, "a secret left in the environment (ESP_PROV_POP, ESP_PROV_SEC2_PWD)"),
                    (ANY, "firmware too old to report its scheme (ESP-IDF v3.2 and v4.0 examples)"),
                    (ANY, "--require-security, or --deny-warnings and a warning about security"),
                ],
                tries: &[
                    "`esp-prov-rs info` shows which security it has; compare that with its label",
                    "give the secret this device was built with, or its QR code with `--qr`",
                    "give `--sec-ver 1` if the firmware does not report its scheme",
                    "build its firmware with the security that its label promises",
                ],
            },
            Self::WARNED => Long {
                what: "There was a warning about the device or what it should be given, and \
                       --deny-warnings turns it into an error. The network was not sent. A warning \
                       about security ends with 31.",
                reasons: &[
                    (ANY, "--bssid or --channel is given, which stock firmware ignores"),
                    (ANY, "a passphrase is given for a network that looks open to the device"),
                    (ANY, "a secret or an SSID begins or ends with a blank"),
                    (BLE, "a message that firmware before ESP-IDF v5.0 may be too small for"),
                ],
                tries: &["fix what the warning names"],
            },
            Self::SESSION_DESYNCHRONISED => Long {
                what: "A reply did not decrypt, or decrypted to nonsense. Both sides count their \
                       messages or share one keystream, so that one lost message spoils the \
                       rest.",
                reasons: &[
                    (ANY, "a reply was lost, or another client interfered"),
                    (
                        ANY,
                        "security 2 with another patch level than the device reports (ESP-IDF \
                         v5.4.0 and v5.4.1 differ)",
                    ),
                    (
                        CONSOLE,
                        "other output of the device within a reply that looks like part of it",
                    ),
                ],
                tries: &[
                    "try again: each attempt has a session of its own",
                    "`--trace trace.jsonl` shows at which reply it began",
                ],
            },
            Self::REFUSED => Long {
                what: "The device understood the request and refused it; the message has the \
                       status it gave.",
                reasons: &[
                    (
                        ANY,
                        "InternalError on apply: it was told to join before, or it can't parse the \
                         dataset (Thread)",
                    ),
                    (
                        ANY,
                        "InternalError on scan: it is trying to join; or no scan was started, as \
                         that could hang a device that has a network",
                    ),
                    (
                        ANY,
                        "InvalidArgument on set: a length it does not accept, or the wrong kind of \
                         network",
                    ),
                    (
                        ANY,
                        "InternalError on reset: no join has failed, it was reset already, or \
                           this firmware refuses it",
                    ),
                    (ANY, "InternalError on status: its provisioning has ended"),
                ],
                tries: &[
                    "`esp-prov-rs status` shows its state",
                    "`--reset-first` after a failed join (before ESP-IDF v5.1 the device's own \
                     button or power)",
                    "`esp-prov-rs scan --reset-first` if a scan is refused, even after \
                     `esp-prov-rs reset`: the device still reports the old failure",
                    "restart the device",
                ],
            },
            Self::PASSPHRASE => Long {
                what: "The device found the network, which rejected it.",
                reasons: &[
                    (ANY, "a wrong passphrase; case and spaces matter"),
                    (
                        ANY,
                        "the network has WPA3 or enterprise security that this firmware was not \
                           built for",
                    ),
                    (ANY, "the access point filters MAC addresses"),
                ],
                tries: &[
                    "provision again with the right passphrase and `--reset-first`: a device \
                     takes another network only after it has forgotten this one; before ESP-IDF \
                     v5.1 reset the device itself (its button or its power)",
                    "`esp-prov-rs scan --reset-first` shows which security the network has; \
                     without the reset no scan is started, as it could hang the device until it is \
                     switched off",
                ],
            },
            Self::NETWORK => Long {
                what: "The device did not see the network, or could not join it for a reason other \
                       than its passphrase.",
                reasons: &[
                    (ANY, "Wi-Fi: a network on 5 GHz only, where most ESP32 have 2.4 GHz"),
                    (ANY, "the name is misspelled, or the network is hidden"),
                    (
                        ANY,
                        "the name looks the same but is not: phones write a typographic apostrophe \
                         (\u{2019}), a blank at the end is invisible, case matters, an accented \
                         letter has two forms in Unicode",
                    ),
                    (ANY, "Wi-Fi: channel 12 or 13 where the firmware's country does not allow it"),
                    (
                        ANY,
                        "Thread: name, extended PAN ID or key of the dataset belong to another \
                           network",
                    ),
                ],
                tries: &[
                    "run it at a terminal: the device then forgets the network and scans in the \
                     same session, and you choose among networks with a similar name (ESP-IDF v5.1 \
                     and later)",
                    "`esp-prov-rs scan --reset-first` makes the device forget the network, then \
                     lists what it sees; without the reset no scan is started, as it could hang \
                     the device until it is switched off",
                    "provision again with `--reset-first`; before ESP-IDF v5.1, first reset the \
                     device itself (its button or its power)",
                ],
            },
            Self::NOT_JOINED => Long {
                what: "The device was told to join and was still trying when the time limit was \
                       reached.",
                reasons: &[
                    (ANY, "the access point is slow, full or gives no IP address (DHCP)"),
                    (ANY, "the firmware retries forever and never reports a failure"),
                    (
                        ANY,
                        "a passphrase was given for an open network, which stock firmware then \
                         never joins while it reports \"connecting\": give `--open`",
                    ),
                ],
                tries: &[
                    "`--join-timeout 3min`",
                    "`esp-prov-rs status` asks again later",
                    "check the access point's log and its DHCP",
                ],
            },
            Self::UNCONFIRMED => Long {
                what: "The device was told to join, and left before it could report the result. \
                       Usually it has joined, as that ends provisioning.",
                reasons: &[
                    (HTTP, "the device's access point closes when it joins on another channel"),
                    (ANY, "firmware that stops provisioning as soon as it has an address"),
                    (HTTP, "another client took over its only session"),
                    (
                        ANY,
                        "the device had failed to join when it was last asked, and was still \
                         trying; the message then says so, and it may not have joined",
                    ),
                ],
                tries: &[
                    "look for it on the network it was given",
                    "if it is not there, it is waiting to be provisioned again: start over",
                ],
            },
            Self::MISMATCH => Long {
                what: "The device reports a connection, but not a plausible one: it has no IPv4 \
                       address, or is on another network than it was given, or on none. It was \
                       polled until the time limit was reached or it left.",
                reasons: &[
                    (
                        ANY,
                        "it reports its former connection, as stock firmware does after \
                         `reprovision` until it joins again",
                    ),
                    (ANY, "it remembers an earlier network, and joined that"),
                    (ANY, "a firmware bug; an impostor"),
                ],
                tries: &[
                    "after `reprovision`: provision it now; it reports this until then",
                    "otherwise, `esp-prov-rs status` asks again",
                    "restart the device, and provision it again",
                ],
            },
            Self::NOT_VERIFIED => Long {
                what: "The device reports that it is connected. With `--verify` this machine, which \
                       has an address in the same range, then looked for it at the address it had \
                       reported, and nothing answered.",
                reasons: &[
                    (ANY, "the access point keeps its clients apart (client isolation, guests)"),
                    (ANY, "this machine is on another network with the same addresses"),
                    (ANY, "the device restarted, or left the network again"),
                ],
                tries: &[
                    "look at the list of clients of the access point",
                    "connect this machine to the network that the device was given",
                    "run without `--verify`, and trust the device's report",
                ],
            },
            Self::NOT_UNDONE => Long {
                what: "The device was only to be tested (`--then reprovision`). It joined the \
                       network, and then did not leave it as it was told to, or the reply was lost. \
                       It probably still has the network.",
                reasons: &[
                    (
                        ANY,
                        "its application ends provisioning itself as soon as the device has \
                         joined, although it had disabled auto-stop",
                    ),
                    (ANY, "the link was lost, and the device was not found again"),
                    (
                        ANY,
                        "a batch that began without `--then` went on with it, and the firmware can't \
                         leave a network",
                    ),
                ],
                tries: &[
                    "run the same command again: it first makes the device leave the network",
                    "in a batch, `esp-prov-rs batch retry --failed`, then the same batch",
                    "make the device forget the network by its own means, such as a button, or \
                     erase its flash",
                ],
            },
            Self::SOME_FAILED => Long {
                what: "The batch ended: every device on the roster had its attempts, and some are \
                       not done. The ledger has the exit code of each.",
                reasons: &[
                    (ANY, "labels and roster do not match (code 30 for many devices)"),
                    (
                        ANY,
                        "one network for all, which is absent or whose passphrase is wrong (50, \
                         51)",
                    ),
                    (ANY, "devices that are unplugged, out of range or already done (10, 11)"),
                    (HTTP, "Wi-Fi was off or missing for longer than `--adapter-timeout`"),
                    (BLE, "the adapter was off or missing for longer than `--adapter-timeout`"),
                ],
                tries: &[
                    "`esp-prov-rs batch status` lists them with their codes; `--explain` each",
                    "fix what they have in common first",
                    "`esp-prov-rs batch retry --failed`, or `batch retry --unconfirmed`, then the same batch \
                     again",
                ],
            },
            Self::LEDGER => Long {
                what: "Results could not be recorded, so the batch stopped rather than lose track \
                       of devices.",
                reasons: &[
                    (ANY, "the disk is full, or this user may not write where the ledger is"),
                    (ANY, "another batch uses the file"),
                    (ANY, "the database can't be reached or does not accept this user"),
                ],
                tries: &[
                    "the message says which: free space, grant access, stop the other batch, or \
                     start the database",
                    "run the same command to resume",
                ],
            },
            Self::HOOK_FAILED => Long {
                what: "Every device on the roster is done, and stays so. The command that gets the \
                       results failed for some of them, or has yet to be called: a label may not \
                       be printed, or a record not kept.",
                reasons: &[
                    (ANY, "no paper, no connection to the printer or the MES"),
                    (ANY, "the command does not exist (127) or is not executable (126)"),
                    (ANY, "it took longer than `--hook-timeout`, and was killed"),
                    (ANY, "results are due, and the batch was started without `--on-result`"),
                ],
                tries: &[
                    "`esp-prov-rs batch status` lists the devices, and the output of the command",
                    "`batch --dry-run` shows whether the command exists",
                    "`esp-prov-rs batch retry --hooks`, then the same batch with `--on-result`: it \
                     is called for those results only, and no device is touched",
                ],
            },
            _ => Long {
                what: "Ctrl-C, SIGQUIT, SIGTERM or SIGHUP ended the run. The last line says what \
                       the device had been given.",
                reasons: &[],
                tries: &["`esp-prov-rs status` shows the state of the device"],
            },
        }
    }
}

/// Adds lines of at most 80 characters.
fn wrap(text: &mut String, first: &str, next: &str, words: &str) {
    let lines = Options::new(80)
        .initial_indent(first)
        .subsequent_indent(next)
        .word_splitter(WordSplitter::NoHyphenation);
    text.push_str(&textwrap::fill(words, lines));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_of_a_transport_are_about_it() {
        for exit in Exit::ALL {
            for (transport, why) in exit.long().reasons {
                let others: &[_] = match *transport {
                    HTTP => &["luetooth", "baud", "serial"],
                    BLE => &["HTTP", "baud", "serial", "access point"],
                    CONSOLE => &["HTTP", "luetooth", "access point"],
                    _ => &["baud", "adapter"],
                };
                let found = others.iter().find(|word| why.contains(**word));
                assert_eq!(found, None, "{}, {transport}: {why}", exit.code);
            }
        }
    }

    #[test]
    fn every_code_has_its_own_long_form_on_lines_that_fit() {
        let mut seen = Vec::new();
        for exit in Exit::ALL {
            let text = exit.explanation();
            assert!(text.starts_with(&format!("{}: {}\n", exit.code, exit.meaning)));
            assert!(text.lines().skip(1).all(|line| line.chars().count() <= 80), "{text}");
            let what = exit.long().what;
            assert!(!seen.contains(&what), "{}: {what}", exit.code);
            seen.push(what);
            assert_eq!(Exit::from_code(exit.code), Some(*exit));
        }
    }
}
