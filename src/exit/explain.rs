//! The long form of each exit code: what it means, why it usually happens on each transport, and
//! what to try.

use textwrap::{Options, WordSplitter};

use super::Exit;

/// What there is to know about an exit code.
struct Long {
    /// What happened, in a few sentences.
    what: &'static str,
    /// Where, and why there.
    reasons: &'static [(&'static str, &'static str)],
    /// What to try, in this order.
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
                what: "Everything asked for was done. Provisioning ends so only if the device \
                       itself says that it is connected, and to what.",
                reasons: &[],
                tries: &[],
            },
            Self::INTERNAL => Long {
                what: "Something failed that has nothing to do with the device or the command \
                       line, such as a pseudo-terminal that can't be had.",
                reasons: &[],
                tries: &["run it again with `-vv` and report what it says"],
            },
            Self::USAGE => Long {
                what: "The command line is invalid: an unknown flag, a missing value, two \
                       flags that exclude each other. Nothing was sent. A value that can't be \
                       right ends with 3, whether a flag, a file or a variable has it.",
                reasons: &[(
                    ANY,
                    "a value with spaces or one that begins with a hyphen is not in \
                                  quotes, or is not joined to its flag by =",
                )],
                tries: &["`esp-prov-rs --help`, or `--help` after a command"],
            },
            Self::INPUT => Long {
                what: "A value, an address, a file or a secret is missing or can't be right. \
                       Nothing was given to the device.",
                reasons: &[
                    (
                        ANY,
                        "no terminal to ask at, and the proof of possession or the passphrase \
                           comes from no flag, file or variable",
                    ),
                    (ANY, "a passphrase of 1 to 7 or over 63 bytes, which no firmware takes"),
                    (
                        ANY,
                        "a control character in a secret, a user name or an SSID: a line break out \
                           of a file or a cell of several lines, a tab out of a table, a NUL or \
                           others out of text in another encoding",
                    ),
                    (
                        ANY,
                        "a Thread network that the device does not see under this name or \
                           extended PAN ID; one whose name is nearly this one is named",
                    ),
                    (
                        ANY,
                        "a message longer than any device takes: 4,096 bytes over HTTP (4,080 \
                           under security 2), 512 over BLE, a line of 255 characters on a console",
                    ),
                    (
                        BLE,
                        "a name that several devices have: give the address, as `esp-prov-rs \
                           discover` lists it; or no name at all; two lines of a roster that \
                           lead to one device",
                    ),
                    (CONSOLE, "--port is missing"),
                    (
                        ANY,
                        "a named pipe whose other end nobody opens within 10 s, or whose writer \
                           says nothing for 60 s",
                    ),
                ],
                tries: &["do what the message says: it names the field and what would be right"],
            },
            Self::OUTPUT => Long {
                what: "Everything asked for was done, and what was to be told about it could not \
                       be written to stdout. A run that fails keeps the code of its failure. A \
                       reader that closes its end early, such as `head`, is no error: the run \
                       goes on and ends with its own code.",
                reasons: &[
                    (ANY, "the disk is full that stdout is written to"),
                    (ANY, "nobody has read from the other end of a pipe for ten minutes"),
                ],
                tries: &[
                    "make room, and let the command write again what it only has to show (`qr`, \
                     `batch export`, `scan`)",
                    "after provisioning, `esp-prov-rs status` or `batch status` tell how it went",
                ],
            },
            Self::NOT_FOUND => Long {
                what: "There is nothing under the address: the name does not resolve, or no \
                       device of that name advertises.",
                reasons: &[
                    (
                        HTTP,
                        "a host name that only the device's own network knows, or a spelling \
                            mistake in it",
                    ),
                    (
                        BLE,
                        "the device is provisioned already and advertises no more; another \
                           phone or computer is connected to it, and it does not advertise \
                           meanwhile; it is out of range; its name is another, or is cut off \
                           (firmware advertises 29 bytes of it), which a batch takes for none",
                    ),
                    (
                        CONSOLE,
                        "the serial port does not exist: the cable is out, carries power \
                               only, or lacks its driver",
                    ),
                ],
                tries: &[
                    "over BLE, `esp-prov-rs discover` lists the devices in range",
                    "restart the device, and keep its reset button pressed where that makes it \
                     forget its network",
                    "`esp-prov-rs doctor` checks this machine",
                ],
            },
            Self::CONNECT => Long {
                what: "There is a way to the address, but nobody takes the connection.",
                reasons: &[
                    (
                        HTTP,
                        "this machine is in another network than the device: its access point \
                            must be joined first, and stays joined only if the system does not \
                            leave it for lack of internet; another port than 80; the device has \
                            left provisioning",
                    ),
                    (
                        BLE,
                        "the adapter is off, blocked or not allowed to this user, or its service \
                           does not run, and that stays so for as long as it is waited for; it \
                           does not listen, for ten seconds after its service has crashed; the \
                           device makes Bluetooth crash, or refuses the pairing that it demands; another client is connected, perhaps \
                           another program of this machine; the signal is weak",
                    ),
                    (
                        CONSOLE,
                        "a monitor (`idf.py monitor`, screen) has the port open; this user \
                               may not open it",
                    ),
                ],
                tries: &[
                    "over HTTP: join the device's access point (PROV_… or its like) and switch \
                     mobile data and VPN off",
                    "`esp-prov-rs doctor` says which network this machine is in, and what is \
                     wrong with Bluetooth and serial ports",
                    "`esp-prov-rs info` with the same address, once it can be reached",
                ],
            },
            Self::LINK_LOST => Long {
                what: "The connection broke or a reply did not come in time, and did not in any \
                       of the attempts.",
                reasons: &[
                    (
                        ANY,
                        "the device restarts: its power supply is weak, or its firmware crashes \
                           (its console says so)",
                    ),
                    (ANY, "the session was taken over by another client: a device has one"),
                    (HTTP, "its access point changes channels when it scans or joins"),
                    (HTTP, "408: this machine's requests reach it too slowly, by pieces"),
                    (BLE, "out of range, or too many other connections"),
                    (CONSOLE, "another baud rate; no provisioning console on this port"),
                ],
                tries: &[
                    "close every other app that talks to it, restart it, and try again",
                    "`--trace trace.jsonl` shows which request gets no reply, \
                     `esp-prov-rs decode trace.jsonl` what was in it",
                    "`--attempts` and `--reply-timeout` with more room (`info` tries nothing again)",
                ],
            },
            Self::UNSUPPORTED => Long {
                what: "The device answers, but does not have what this needs.",
                reasons: &[
                    (
                        ANY,
                        "firmware before ESP-IDF v5.1 has no prov-ctrl, so no reset; legacy \
                           examples have no scan",
                    ),
                    (ANY, "firmware for Thread was given a Wi-Fi network, or the other way round"),
                    (HTTP, "another web server: HTTP 404 where a device has proto-ver"),
                    (
                        BLE,
                        "it does not allow an endpoint to be read or written, because its \
                           application wants something of its own first",
                    ),
                    (CONSOLE, "security 2, whose messages are longer than a console line"),
                    (
                        ANY,
                        "firmware that keeps sessions for its application alone has no \
                           prov-config and takes no network",
                    ),
                ],
                tries: &[
                    "`esp-prov-rs info` lists its endpoints and capabilities",
                    "leave out what it lacks: --proto-ver, --reset-first, --custom-data",
                    "update its firmware",
                ],
            },
            Self::PROTOCOL => Long {
                what: "Something answered, and not as provisioning firmware does.",
                reasons: &[
                    (HTTP, "it is a router or another web server; a captive portal; a proxy"),
                    (BLE, "another device with the same name or service"),
                    (CONSOLE, "another program's console on this port"),
                    (ANY, "firmware with an error: an empty or broken reply"),
                ],
                tries: &[
                    "check that the address is the device's: `esp-prov-rs info`",
                    "if it is, `--trace trace.jsonl` and attach the file to a report: it has no \
                     secrets",
                ],
            },
            Self::PROOF => Long {
                what: "Both sides proved what they know, and it was not the same. The device does \
                       not say so: it gives no reply to the proof, which is believed the second \
                       time. Keys, version and scheme were fine until then.",
                reasons: &[
                    (ANY, "the label is another device's, or was misread: 0 and O, 1 and l"),
                    (
                        ANY,
                        "the firmware makes its proof of possession itself, from its MAC \
                           address or its flash, and not the one of the example",
                    ),
                    (
                        ANY,
                        "security 2: user name and password were given the wrong way round, or \
                           the verifier in its flash was made from others",
                    ),
                    (ANY, "a line end or a space in a file or a variable"),
                ],
                tries: &[
                    "scan the QR code with `--qr` instead of typing",
                    "look for the secret in the firmware (`wifi_prov_mgr_start_provisioning`) or \
                     in what it prints when it starts",
                ],
            },
            Self::SECURITY => Long {
                what: "The device's security is not what was asked for, or can't check the secret \
                       that was given. Nothing secret was sent. Whoever answers may not be your \
                       device: an impostor says that it uses no proof of possession, or no \
                       security at all.",
                reasons: &[
                    (ANY, "another device answers, at this address or by this name"),
                    (
                        ANY,
                        "the secret is of another scheme: a proof of possession is of security 1, \
                           user name and password are of security 2",
                    ),
                    (
                        ANY,
                        "--sec-ver, or the label, says another scheme than the firmware was built \
                           with",
                    ),
                    (ANY, "a secret left in the environment (ESP_PROV_POP, ESP_PROV_SEC2_PWD)"),
                    (ANY, "firmware too old to tell its scheme (ESP-IDF v3.2 and v4.0 examples)"),
                    (ANY, "--require-security, or --deny-warnings and a warning about security"),
                ],
                tries: &[
                    "`esp-prov-rs info` says which security it has; compare that with its label",
                    "give the secret that this device was made with, or its QR code with `--qr`",
                    "firmware that does not tell its scheme: `--sec-ver 1`",
                    "build its firmware with the security that its label promises",
                ],
            },
            Self::WARNED => Long {
                what: "There was a warning about the device or what it is to be given, and \
                       --deny-warnings makes an error of it. The network was not sent. A warning \
                       about security ends with 31.",
                reasons: &[
                    (ANY, "--bssid or --channel is given, which stock firmware ignores"),
                    (ANY, "a passphrase is given for a network that the device sees to be open"),
                    (ANY, "a secret or an SSID begins or ends with a blank"),
                    (BLE, "a message that firmware before ESP-IDF v5.0 may be too small for"),
                ],
                tries: &["fix what the warning names"],
            },
            Self::SESSION_DESYNCHRONISED => Long {
                what: "A reply did not decrypt, or decrypted to nonsense. Both sides count their \
                       messages or run one keystream, so one that got lost spoils the rest.",
                reasons: &[
                    (ANY, "a reply got lost, or another client spoke in between"),
                    (
                        ANY,
                        "security 2 of a patch level that is not the one the device tells \
                           (ESP-IDF v5.4.0 and v5.4.1 differ)",
                    ),
                    (
                        CONSOLE,
                        "other output of the device in its replies that could be a part of them",
                    ),
                ],
                tries: &[
                    "try again: each attempt has a session of its own",
                    "`--trace trace.jsonl` shows at which reply it began",
                ],
            },
            Self::REFUSED => Long {
                what: "The device understood the request and said no; its word for it is in the \
                       message.",
                reasons: &[
                    (
                        ANY,
                        "InternalError on apply: it was told to join before; or it can't read \
                           the dataset (Thread)",
                    ),
                    (
                        ANY,
                        "InternalError on scan: it is trying to join; or no scan was begun, as \
                           it could hang a device that holds a network",
                    ),
                    (
                        ANY,
                        "InvalidArgument on set: a length it does not take, or the other kind \
                           of network",
                    ),
                    (
                        ANY,
                        "InternalError on reset: no join has failed, it was reset already, or \
                           this firmware refuses it",
                    ),
                    (ANY, "InternalError on status: its provisioning has ended"),
                ],
                tries: &[
                    "`esp-prov-rs status` tells where it stands",
                    "`--reset-first` after a failed join (before ESP-IDF v5.1 the device's own \
                     button or power)",
                    "`esp-prov-rs scan --reset-first` where a scan is refused, even after \
                     `esp-prov-rs reset`: the device goes on telling of the old failure",
                    "restart the device",
                ],
            },
            Self::PASSPHRASE => Long {
                what: "The device found the network and was rejected by it.",
                reasons: &[
                    (ANY, "a wrong passphrase; capital letters and spaces count"),
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
                    "`esp-prov-rs scan --reset-first` says which security the network has; \
                     without the reset a scan could hang the device until its power is switched \
                     off, so that none is begun",
                ],
            },
            Self::NETWORK => Long {
                what: "The device did not see the network, or could not join it for another \
                       reason than its passphrase.",
                reasons: &[
                    (ANY, "Wi-Fi: a network on 5 GHz only, where most ESP32 have 2.4 GHz"),
                    (ANY, "the name is spelled in another way, or is hidden"),
                    (
                        ANY,
                        "the name looks the same and is another: a phone writes a typographic \
                           apostrophe (\u{2019}), a blank at the end is not seen, upper and lower \
                           case count, an accented letter has two forms in Unicode",
                    ),
                    (ANY, "Wi-Fi: channel 12 or 13 where the firmware's country does not allow it"),
                    (ANY, "Thread: name, extended PAN ID or key of the dataset are another's"),
                ],
                tries: &[
                    "run it at a terminal: the device is made to forget the network and scans, in \
                     the same session, and networks of nearly this name are listed to choose from \
                     (ESP-IDF v5.1 and later)",
                    "`esp-prov-rs scan --reset-first` makes the device forget the network, then \
                     lists what it sees itself; without the reset a scan could hang it until its \
                     power is switched off, so that none is begun",
                    "provision again with `--reset-first`; before ESP-IDF v5.1 reset the device \
                     itself (its button or its power) first",
                ],
            },
            Self::NOT_JOINED => Long {
                what: "The device was told to join and was still trying when patience ended.",
                reasons: &[
                    (ANY, "the access point is slow, full or gives no IP address (DHCP)"),
                    (ANY, "the firmware tries for ever and never reports a failure"),
                    (
                        ANY,
                        "a passphrase was given for an open network, which stock firmware then \
                           never joins, and says \"connecting\": give `--open`",
                    ),
                ],
                tries: &[
                    "`--join-timeout 3min`",
                    "`esp-prov-rs status` asks again later",
                    "look at the access point's log, and at its DHCP",
                ],
            },
            Self::UNCONFIRMED => Long {
                what: "The device was told to join, and left before it could say how that went. \
                       Mostly it has joined: provisioning ends with it.",
                reasons: &[
                    (HTTP, "the access point closes when the device joins another channel"),
                    (ANY, "firmware that stops provisioning as soon as it has an address"),
                    (HTTP, "another client has taken over its one session"),
                    (
                        ANY,
                        "it had failed to join when it was last asked, and went on trying; the \
                         message says so then, and it may not have joined",
                    ),
                ],
                tries: &[
                    "look for it in the network it was given",
                    "if it is not there, it waits for provisioning again: start over",
                ],
            },
            Self::MISMATCH => Long {
                what: "The device says that it is connected, and what it says to it does not fit: \
                       no IPv4 address, another network than it was given, or none. It was asked \
                       again until patience ended or it left.",
                reasons: &[
                    (
                        ANY,
                        "it repeats what held before: stock firmware says so after \
                           `reprovision`, until it joins again",
                    ),
                    (ANY, "it holds a network from before, and joined that"),
                    (ANY, "firmware with an error; something that pretends to be the device"),
                ],
                tries: &[
                    "after `reprovision`: provision it now, it says so until then",
                    "else `esp-prov-rs status` asks again",
                    "restart the device, and provision it again",
                ],
            },
            Self::SOME_FAILED => Long {
                what: "The batch is over: every device on the roster had its attempts, and some \
                       of them are not done. Each has an exit code of its own in the ledger.",
                reasons: &[
                    (ANY, "labels and roster do not belong together (code 30 for many devices)"),
                    (
                        ANY,
                        "one network for all, and it is not there or its passphrase is wrong \
                           (50, 51)",
                    ),
                    (ANY, "devices that are not plugged in, out of range or done before (10, 11)"),
                    (BLE, "the adapter stayed off or away for longer than `--adapter-timeout`"),
                ],
                tries: &[
                    "`esp-prov-rs batch status` lists them with their codes; `--explain` each",
                    "fix what they have in common first",
                    "`esp-prov-rs batch retry --failed`, or `batch retry --unconfirmed`, then the same batch \
                     again",
                ],
            },
            Self::LEDGER => Long {
                what: "What happened to devices could not be recorded, so that the batch stopped \
                       rather than lose count of them.",
                reasons: &[
                    (ANY, "the disk is full, or this user may not write where the ledger is"),
                    (ANY, "another batch holds the file"),
                    (ANY, "the database can't be reached or does not take this user"),
                ],
                tries: &[
                    "the message says which: make room, allow it, end the other one, or start the \
                     database",
                    "run the same command to resume",
                ],
            },
            Self::HOOK_FAILED => Long {
                what: "Every device on the roster is done, which stands. The command that gets \
                       each result did not succeed for all of them, or has yet to be called: a \
                       label may not be printed, a record not be kept.",
                reasons: &[
                    (ANY, "no paper, no connection to the printer or the MES"),
                    (ANY, "the command is not there (127) or not executable (126)"),
                    (ANY, "it took longer than `--hook-timeout`, and was ended"),
                    (ANY, "results are due, and the batch was started without `--on-result`"),
                ],
                tries: &[
                    "`esp-prov-rs batch status` lists the devices, and what the command said",
                    "`batch --dry-run` tells whether the command is there",
                    "`esp-prov-rs batch retry --hooks`, then the same batch again with \
                     `--on-result`: it is called for those alone, and no device is touched",
                ],
            },
            _ => Long {
                what: "Ctrl-C, SIGQUIT, SIGTERM or SIGHUP ended the run. The last line says what the device has \
                       been given by then.",
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
