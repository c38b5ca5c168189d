use super::*;

fn csv(text: &str) -> Result<Vec<Entry>, Vec<String>> {
    parse_with(text.as_bytes(), Form::Csv, &Defaults::default())
}

fn json(text: &str) -> Result<Vec<Entry>, Vec<String>> {
    parse_with(text.as_bytes(), Form::JsonLines, &Defaults::default())
}

fn parse_with(bytes: &[u8], form: Form, defaults: &Defaults) -> Result<Vec<Entry>, Vec<String>> {
    let parsed = parse(bytes, form, Path::new("/no/where"), defaults);
    parsed
        .map(|roster| roster.entries)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn wifi(entry: &Entry) -> &SetWifiConfig {
    match &entry.network {
        Network::Wifi(wifi) => wifi,
        Network::Thread(_) => panic!("{entry:?} is for Thread"),
    }
}

#[test]
fn csv_with_quotes_a_byte_order_mark_and_any_line_ends_is_taken() {
    let text = "\u{feff}id,address,pop,ssid,passphrase,label.order,custom_data\r\n\
                A,10.0.0.1,\"a,\"\"b\",\"Two, one\",12345678,47,\"hel\nlo\"\r\n\
                \r\n\
                B,console:/dev/ttyUSB0?baud=9600,,Other,text:env:abcd,,";
    let entries = csv(text).expect("a good roster");
    assert_eq!(entries.len(), 2);
    let one = &entries[0];
    assert_eq!((one.id.as_str(), one.address.to_string()), ("A", "http://10.0.0.1:80".into()));
    assert_eq!(one.security.pop.as_ref().expect("a proof").expose(), b"a,\"b");
    assert_eq!(wifi(one).ssid.as_bytes(), b"Two, one");
    assert_eq!(one.labels["order"], "47");
    assert_eq!(one.custom_data.as_deref(), Some(&b"hel\nlo"[..]));
    let other = &entries[1];
    assert_eq!(other.address.to_string(), "console:/dev/ttyUSB0?baud=9600");
    assert_eq!(wifi(other).passphrase.expose(), b"env:abcd");
    assert!(other.security.pop.is_none() && other.labels.is_empty());
}

#[test]
fn json_lines_have_texts_numbers_and_labels() {
    let text = "{\"id\": \"A\", \"address\": \"ble:PROV_1\", \"security\": 2, \"username\": \"u\", \
                \"password\": \"p\", \"ssid\": \"Home\", \"open\": true, \"channel\": 6, \
                \"labels\": {\"order\": \"47\"}, \"pop\": null}\n\n\
                {\"id\":\"B\",\"address\":\"10.0.0.2\",\"ssid_hex\":\"c0ff\",\"passphrase\":\"12345678\",\
                \"bssid\":\"24:0a:c4:11:22:33\"}";
    let entries = json(text).expect("a good roster");
    let one = &entries[0];
    assert_eq!((one.security.scheme, one.security.login.is_some()), (Some(2), true));
    assert!(wifi(one).passphrase.is_empty());
    assert_eq!((wifi(one).channel, one.labels["order"].as_str()), (Some(6), "47"));
    assert_eq!(wifi(&entries[1]).ssid.as_bytes(), [0xc0, 0xff]);
    assert!(wifi(&entries[1]).bssid.is_some());
}

#[test]
fn what_a_line_leaves_out_comes_from_the_defaults_and_its_own_word_counts_more() {
    let mut defaults = Defaults { by: DefaultTransport::Ble, ..Defaults::default() };
    defaults.set(Field::Ssid, "Line".to_owned(), "--ssid");
    defaults.set(Field::Ssid, "Other".to_owned(), "job.toml");
    defaults.set(Field::Open, "yes".to_owned(), "--open");
    defaults.set(Field::Pop, "default-pop".to_owned(), "--pop");
    defaults.set(Field::Adapter, "hci1".to_owned(), "--adapter");
    let text = "id,address,ssid,passphrase,pop,security\n\
                PROV_1,,,,,\nPROV_2,24:0a:c4:11:22:33,Mine,12345678,mine,\n\
                C,http://10.0.0.3,,,text:,0";
    let entries = parse_with(text.as_bytes(), Form::Csv, &defaults).expect("a good roster");
    let pop = |entry: &Entry| entry.security.pop.as_ref().map(|pop| pop.expose().to_vec());
    assert_eq!(entries[0].address.to_string(), "ble:PROV_1 by hci1");
    assert_eq!(
        (wifi(&entries[0]).ssid.to_string(), wifi(&entries[0]).passphrase.len()),
        ("Line".into(), 0)
    );
    assert_eq!(pop(&entries[0]), Some(b"default-pop".to_vec()));
    assert_eq!(entries[1].address.to_string(), "ble:24:0A:C4:11:22:33 by hci1");
    assert_eq!(
        (wifi(&entries[1]).ssid.to_string(), wifi(&entries[1]).passphrase.len()),
        ("Mine".into(), 8)
    );
    assert_eq!(pop(&entries[1]), Some(b"mine".to_vec()));
    assert_eq!(
        (entries[2].address.to_string(), pop(&entries[2])),
        ("http://10.0.0.3:80".into(), Some(Vec::new()))
    );
}

#[test]
fn an_ip_address_is_never_the_name_of_an_access_point() {
    let defaults = Defaults { by: DefaultTransport::Softap, ..Defaults::default() };
    for (given, read) in [
        ("PROV_1", "softap:PROV_1"),
        ("192.168.4.1", "http://192.168.4.1:80"),
        ("192.168.4.1:8080", "http://192.168.4.1:8080"),
        ("[fe80::1%wlan0]", "http://[fe80::1%wlan0]:80"),
    ] {
        let text = format!("id,address,ssid,passphrase\nA,{given},Home,12345678");
        let entries = parse_with(text.as_bytes(), Form::Csv, &defaults).expect("a good roster");
        assert_eq!(entries[0].address.to_string(), read);
    }
}

#[test]
fn every_flaw_is_found_at_once_with_its_place() {
    let text = "id,address,security,pop,ssid,passphrase,channel,bssid,open\n\
                ,10.0.0.1,1,p,Home,12345678,1,,\n\
                A,,3,p,Home,1234567,15,xx,\n\
                B,10.0.0.2,0,p,,,,,maybe\n\
                C,10.0.0.3,2,,Home,12345678,,,\n\
                D,virtual,,,Home,12345678,,,yes\n\
                too,few\n";
    let errors = csv(text).expect_err("a bad roster");
    let at = |position: &str, what: &str| {
        let wanted = format!("{position}: {what}");
        assert!(errors.iter().any(|error| error.starts_with(&wanted)), "{wanted}: {errors:#?}");
    };
    at("line 2, column 1", "id: is missing");
    at("line 3, column 2", "address: is missing");
    at("line 3, column 3", "security: 3: 0, 1 or 2");
    at("line 3, column 6", "passphrase: ");
    at("line 3, column 7", "channel: 15: ");
    at("line 3, column 8", "bssid: ");
    at("line 4, column 3", "security: security 0 was requested, but the secret given demands");
    at("line 4, column 5", "ssid: is missing");
    at("line 4, column 9", "open: yes or no");
    at("line 5", "username: is missing");
    at("line 6, column 2", "address: an address in a roster is");
    at("line 6, column 6", "passphrase: an open network has no passphrase");
    at("line 7", "2 fields, but the header has 9");

    let errors = csv("id,address,pasphrase,ssid,id\nA,10.0.0.1,12345678,Home,\n");
    let errors = errors.expect_err("a bad header");
    assert!(errors[0].starts_with("line 1, column 3: unknown column (did you mean passphrase?); "));
    assert_eq!(errors[1], "line 1, column 5: duplicate column id");
    assert_eq!(errors.len(), 2, "what follows from them is no error: {errors:#?}");

    let text = "{\"id\": \"A\", \"address\": \"10.0.0.1\", \"ssid\": [], \"speed\": []}\n\
                {\"id\": \"B\", }\n[1]\n{\"id\": \"C\", \"id\": \"D\"}\n\"x\"\n{\"labels\": {\"a\": 1}}";
    let errors = json(text).expect_err("a bad roster");
    let at = |position: &str, what: &str| {
        let wanted = format!("{position}: {what}");
        assert!(errors.iter().any(|error| error.starts_with(&wanted)), "{wanted}: {errors:#?}");
    };
    at("line 1, column 44", "ssid: a text");
    at("line 1, column 57", "unknown member, whose value is neither a string nor a number");
    at("line 2, column 13", "this is not JSON");
    at("line 3, column 1", "a device is an object");
    at("line 4, column 19", "id: duplicate");
    at("line 5, column 3", "a device is an object");
    at("line 6, column 12", "labels: an object whose values are strings");
    assert_eq!(errors.len(), 7, "what follows from an error is none: {errors:#?}");

    let text = "id,address,ssid,open\n\"A\nB\",10.0.0.1,Home,yes\n\n\nC,10.0.0.2,Home,perhaps\n";
    let errors = csv(text).expect_err("a bad roster");
    assert!(errors[0].starts_with("line 2, column 1: id: "), "{errors:#?}");
    assert!(errors[1].starts_with("line 6, column 4: open: "), "{errors:#?}");
}

#[test]
fn no_line_goes_below_what_its_secret_demands() {
    let mut defaults = Defaults::default();
    defaults.set(Field::Ssid, "Line".to_owned(), "--ssid");
    defaults.set(Field::Open, "yes".to_owned(), "--open");
    defaults.set(Field::Pop, "default-pop".to_owned(), "--pop");
    let head = "id,address,security,pop,username,password\n";
    let read = |defaults: &Defaults, line: &str| {
        parse_with(format!("{head}{line}").as_bytes(), Form::Csv, defaults)
    };
    for line in ["A,10.0.0.1,0,,,", "A,10.0.0.1,0,own,,", "A,10.0.0.1,1,text:,u,p"] {
        let errors = read(&defaults, line).expect_err(line);
        assert!(errors[0].starts_with("line 2, column 3: security: security "), "{errors:?}");
        let accept = Accept { weaker: true, ..Accept::default() };
        let lenient = Defaults { accept, ..defaults.clone() };
        let entry = &read(&lenient, line).expect("accepted")[0];
        assert!(entry.security.accept.weaker && entry.security.scheme.is_some());
    }
    // Half a login requires the other half, unless there is a proof.
    let errors = read(&Defaults { values: BTreeMap::new(), ..defaults.clone() }, "A,10.0.0.1,,,u,");
    let errors = errors.expect_err("no password").join("\n");
    assert!(errors.contains("password: is missing"), "{errors}");
    // If the line itself has half a login, a proof does not help: it may be the password, as on a
    // label.
    for line in ["A,10.0.0.1,,,u,", "A,10.0.0.1,,own,u,"] {
        let errors = read(&defaults, line).expect_err(line).join("\n");
        assert!(errors.contains("password: is missing"), "{errors}");
    }
    assert!(read(&defaults, "A,10.0.0.1,1,own,u,").is_ok(), "it says that it is a proof");
    let mut named = defaults.clone();
    named.set(Field::Username, "u".to_owned(), "ESP_PROV_SEC2_USERNAME");
    let entry = &read(&named, "A,10.0.0.1,,own,,").expect("a proof")[0];
    assert_eq!((entry.security.scheme, entry.security.login.is_some()), (None, false));
    let strict = Defaults { accept: Accept { at_least: 2, weaker: true }, ..defaults };
    let errors = read(&strict, "A,10.0.0.1,1,,,").expect_err("less than required");
    assert!(errors[0].contains("security 2 or higher is required"), "{errors:?}");
}

#[test]
fn a_flaw_of_a_default_is_told_once_and_names_the_flag() {
    let mut defaults = Defaults::default();
    defaults.set(Field::Channel, "77".to_owned(), "--channel");
    let text = "id,address,ssid,open\nA,10.0.0.1,Home,yes\nB,10.0.0.2,Home,yes\n";
    let errors = parse_with(text.as_bytes(), Form::Csv, &defaults).expect_err("a bad default");
    assert_eq!(
        errors,
        ["--channel: 77: a channel is a number from 1 to 14, or one at 5 GHz such as 36"]
    );
}

#[test]
fn devices_that_are_there_twice_are_found() {
    let text = "id,address,ssid,open\nA,10.0.0.1,Home,yes\nB,http://10.0.0.1:80/,Home,yes\n\
                A,10.0.0.3,Home,yes\n";
    assert_eq!(
        csv(text).expect_err("two of them"),
        ["line 3, column 2: address: same as in line 2", "line 4, column 1: id: same as in line 2",]
    );
}

#[test]
fn the_beginning_of_names_fits_no_other_device() {
    let roster = |addresses: &[&str]| {
        let line = |(n, address): (usize, &&str)| format!("D{n},{address},Home,yes\n");
        let lines: String = addresses.iter().enumerate().map(line).collect();
        csv(&format!("id,address,ssid,open\n{lines}"))
    };
    for fine in [
        &["ble:PROV_*", "ble:LAMP_1", "ble:LAMP_12", "10.0.0.1"][..],
        &["ble:PROV_1*", "ble:PROV_2*", "ble:PROV_"],
    ] {
        assert_eq!(roster(fine).expect("a good roster").len(), fine.len());
    }
    for (addresses, line, other) in [
        (["ble:LAMP_12", "ble:LAMP_*"], 3, 2),
        (["ble:LAMP_1*", "ble:LAMP_1"], 2, 3),
        (["ble:LAMP_12*", "ble:LAMP_1*"], 3, 2),
    ] {
        let error =
            format!("line {line}, column 2: address: also matches the device of line {other}");
        assert_eq!(roster(&addresses).expect_err("they overlap"), [error]);
    }
    let told = roster(&["ble:24:0A:C4:11:22:33", "ble:PROV_*"]).expect_err("it may be that one");
    let error = "line 3, column 2: address: may also match the device of line 2";
    assert_eq!(told, [error]);
}

#[test]
fn references_are_followed_and_no_flaw_shows_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wifi"), "from-a-file\n").expect("written");
    std::fs::write(folder.path().join("long"), "x".repeat(5000)).expect("written");
    let read = |passphrase: &str| {
        let text = format!("id,address,ssid,passphrase\nA,10.0.0.1,Home,{passphrase}\n");
        let parsed = parse(text.as_bytes(), Form::Csv, folder.path(), &Defaults::default());
        parsed.map(|roster| roster.entries)
    };
    let entries = read("file:wifi").expect("a good roster");
    assert_eq!(wifi(&entries[0]).passphrase.expose(), b"from-a-file");
    for (passphrase, told) in [
        ("file:none.txt", "none.txt: No such file"),
        ("file:long", "larger than 4096 bytes"),
        ("env:ESP_PROV_NO_SUCH", "the variable ESP_PROV_NO_SUCH is not set"),
        ("hush", "passphrase: "),
    ] {
        let errors = read(passphrase).expect_err("a bad reference");
        let text = errors.iter().map(ToString::to_string).collect::<String>();
        assert!(text.contains(told) && !text.contains("hush"), "{text}");
    }
    let entry = &read("secret-words").expect("a good roster")[0];
    assert!(!format!("{entry:?}").contains("secret-words"));
}

#[test]
fn an_empty_roster_is_a_mistake() {
    for text in ["", "id,address\n", "\n\n"] {
        assert!(csv(text).is_err(), "{text:?}");
    }
    assert_eq!(json("\n\n").expect_err("nothing"), ["the file: no devices"]);
}

/// Whatever the bytes are, parsing does not panic, and errors do not quote them.
#[test]
fn odd_bytes_are_flaws() {
    let mut dice = fastrand::Rng::with_seed(3);
    let good = b"id,address,pop,ssid,passphrase\nA,10.0.0.1,p,Home,12345678\n";
    let good_json =
        b"{\"id\": \"A\", \"address\": \"10.0.0.1\", \"ssid\": \"Home\", \"labels\": {}}\n";
    for (form, good) in [(Form::Csv, &good[..]), (Form::JsonLines, &good_json[..])] {
        for _ in 0..3000 {
            let mut bytes = good.to_vec();
            for _ in 0..dice.usize(1..6) {
                let at = dice.usize(..bytes.len());
                bytes[at] = dice.u8(..);
            }
            let at = dice.usize(..bytes.len());
            bytes.splice(at..at, *b"hunter2");
            for error in parse_with(&bytes, form, &Defaults::default()).err().unwrap_or_default() {
                assert!(!error.contains("hunter2"), "{error}");
            }
        }
    }
}

/// Parses bytes in the form that `read` would choose for this name.
fn of_case(name: &str, bytes: &[u8]) -> Vec<String> {
    let parsed = parse_with(bytes, Form::of(Path::new(name)), &Defaults::default());
    parsed.err().unwrap_or_default()
}

#[test]
fn a_file_of_another_kind_is_named_as_what_it_is() {
    let object = r#"{"id":"A","address":"http://10.77.0.1","pop":"x","ssid":"Line","passphrase":"hunter2-hunter2"}"#;
    for (name, text, told) in [
        (
            "headerless.csv",
            "DEV-0001,http://10.77.0.1,hunter2-pop,Line,hunter2-hunter2\n\
             DEV-0002,http://10.77.0.2,hunter2-pop,Line,hunter2-hunter2\n",
            "line 1: no header line: the first line has to name the columns (id, address, ",
        ),
        ("roster.csv", object, "the file: this is JSON: name the file .json or .jsonl"),
        ("roster.csv", &format!("[{object}]"), "the file: this is JSON: "),
        ("array.json", &format!("[{object},\n {object}"), "line 2, column "),
        ("roster.csv", "PK\u{3}\u{4}hunter2 xl/", "the file: this is an Excel workbook: save it"),
        ("roster.csv", "PK\u{3}\u{4}hunter2", "the file: this is a zip archive"),
        ("roster.jsonl", "PK\u{3}\u{4}xl/hunter2", "the file: this is an Excel workbook"),
        (
            "roster.csv",
            "BZh9hunter2",
            "the file: this is compressed with bzip2; unpack it with `bunzip2` first",
        ),
        ("roster.csv", "\u{1f}hunter2", "line 1: no header line"),
        ("roster.csv", "hunter2\0hunter2", "the file: this is not text"),
        (
            "roster.csv",
            "\"id,address,pop,ssid,passphrase\nA,10.0.0.1,hunter2,Line,hunter2-hunter2\n",
            "line 1, column 1: the quote opened in line 1 is never closed",
        ),
        (
            "roster.csv",
            "id,address,pop,ssid,passphrase\nA,10.0.0.1,hunter2,Line,\"hunter2 \"hunter2\"\nB,,,,\n",
            "line 2, column 5: text after the closing quote; ",
        ),
    ] {
        let errors = of_case(name, text.as_bytes());
        assert!(errors.len() == 1 && errors[0].starts_with(told), "{told}: {errors:#?}");
        assert!(!errors[0].contains("hunter2"), "{errors:?}");
    }
    let another = object.replace("\"A\"", "\"B\"").replace("77.0.1", "77.0.2");
    for text in [
        format!("[{object},\n {another}]"),
        format!("[\n{object},\n{another}\n]\n"),
        format!("{object}\r\n\r\n{another}\r\n"),
        format!("\u{feff}{object} {}", another.replace(',', ",\n  ")),
    ] {
        for name in ["array.json", "array.jsonl"] {
            assert_eq!(of_case(name, text.as_bytes()), [""; 0], "{text}");
        }
    }
    let text = "ID,Address,Ssid,Open\nA,10.0.0.1,Line,TRUE\n";
    assert_eq!(of_case("roster.csv", text.as_bytes()), [""; 0], "case does not matter");
    for name in ["lines.json", "lines.ndjson", "lines.JSONL"] {
        assert_eq!(of_case(name, object.as_bytes()), [""; 0], "{name}");
    }
    let text = "id,address,ssid,passphrase\nA,10.0.0.1,Line,\"a \"\"quoted\"\" one\"\r\n";
    assert_eq!(of_case("roster.csv", text.as_bytes()), [""; 0]);
}

/// A text may be a secret wherever it is: in a column, in the header, in a member or as its name.
#[test]
fn no_flaw_has_text_of_the_file() {
    const SECRET: &str = "hunter2=Hunter2\u{e4}";
    let names: Vec<_> = Field::ALL.iter().map(|field| field.name()).collect();
    let good = |field: Field| match field {
        Field::Id => "A",
        Field::Address => "10.0.0.1",
        Field::Ssid => "Line",
        Field::Passphrase => "12345678",
        _ => "",
    };
    let mut files = Vec::new();
    for (at, _) in names.iter().enumerate() {
        for secret in [
            SECRET,
            "12345678901234567890",
            "env:hunter2",
            "file:hunter2",
            "ble:",
            "console:hunter2?hunter2",
            "http://hunter2:hunter2@h/",
        ] {
            let mut cells: Vec<_> = Field::ALL.iter().map(|&field| good(field)).collect();
            cells[at] = secret;
            files.push((
                "a.csv",
                format!("{}\n{}\n{}\n", names.join(","), cells.join(","), cells.join(",")),
            ));
            let mut header = names.clone();
            header[at] = secret;
            files.push(("a.csv", format!("{}\n{}\n", header.join(","), cells.join(","))));
            files.push(("a.csv", format!("{},{secret}\n{}\n", header.join(","), cells.join(","))));
            files.push((
                "a.jsonl",
                format!("{{\"{}\":{secret:?},\"{secret}\":{secret:?}}}\n{{{secret}}}", names[at]),
            ));
            files.push((
                "a.jsonl",
                format!("{{\"{}\":[{secret:?}],\"labels\":{secret:?}}}", names[at]),
            ));
        }
    }
    for (name, text) in files {
        for error in of_case(name, text.as_bytes()) {
            let shown =
                ["hunter2", "Hunter2", "12345678"].iter().find(|part| error.contains(**part));
            assert_eq!(shown, None, "{error}\n{text}");
        }
    }
}

#[test]
fn what_is_written_is_read_as_it_was_given() {
    let line = |id: &str, secret: &str| {
        let texts = [
            (Field::Id, id),
            (Field::Address, "http://10.0.0.1"),
            (Field::Security, "1"),
            (Field::Pop, secret),
            (Field::Username, ""),
            (Field::Ssid, "Two words, and \"quotes\""),
            (Field::Passphrase, "correct-horse"),
            (Field::CustomData, "Two\nlines"),
        ];
        texts.map(|(field, text)| (field, Given::from(text))).to_vec()
    };
    for secret in
        ["abcd1234", "a,\"\"b", "env:POP", "file:wifi.txt", "text:abcd", " abcd ", "=\"0001\""]
    {
        for form in [Form::Csv, Form::JsonLines] {
            let text = to_text(form, &[line("PROV_1", secret)]);
            let bytes = text.expose().as_bytes();
            let entries = parse_with(bytes, form, &Defaults::default()).expect("a good roster");
            let [one] = &entries[..] else { panic!("{entries:?}") };
            assert_eq!(one.id, "PROV_1");
            assert_eq!(one.security.scheme, Some(1));
            assert_eq!(one.security.pop.as_ref().expect("a proof").expose(), secret.as_bytes());
            assert_eq!(wifi(one).ssid.as_bytes(), b"Two words, and \"quotes\"");
            assert_eq!(one.custom_data.as_deref(), Some(&b"Two\nlines"[..]));
        }
    }
}

#[test]
fn lines_of_an_array_are_told_where_they_are() {
    let text = "[{\"id\": \"A\", \"address\": \"10.0.0.1\", \"open\": true,\n  \"ssid\": []},\n 7]";
    let errors = json(text).expect_err("a bad roster");
    assert_eq!(errors[0], "line 2, column 11: ssid: a text");
    assert!(errors[1].starts_with("line 3, column 2: a device is an object"), "{errors:#?}");
    assert_eq!(errors.len(), 2);
}

/// The roster that a text is read as, and its warnings.
fn warned(name: &str, text: &str) -> (Roster, Vec<String>) {
    let form = Form::of(Path::new(name));
    let roster = parse(text.as_bytes(), form, Path::new("/no/where"), &Defaults::default());
    let roster = roster.expect(text);
    let warnings = roster.warnings.iter().map(ToString::to_string).collect();
    (roster, warnings)
}

#[test]
fn what_a_spreadsheet_has_mangled_is_warned_about_and_never_shown() {
    let head = "id,address,pop,ssid,passphrase\n";
    for (cells, told) in [
        ("1.23E+11,Line,12345678", Some("line 2, column 3: pop: looks like what")),
        ("\"1,23E+11\",Line,12345678", Some("line 2, column 3: pop: looks like what")),
        ("1E5,Line,12345678", Some("line 2, column 3: pop: looks like what")),
        ("#N/A,Line,12345678", Some("line 2, column 3: pop: looks like what")),
        ("########,Line,12345678", Some("line 2, column 3: pop: looks like what")),
        ("abcd1e5,Line,12345678", None),
        ("\"=\"\"0001\"\"\",Line,12345678", None),
        ("x,\" Line\",12345678", Some("line 2, column 4: ssid: begins or ends with a blank")),
        ("x,Line , 12345678", Some("line 2, column 4: ssid: blanks around values are ignored")),
        ("x,Line,\"12345678 \"", Some("line 2, column 5: passphrase: begins or ends")),
    ] {
        let (_, warnings) = warned("a.csv", &format!("{head}A,10.0.0.1,{cells}\n"));
        let warning = warnings.first().map(String::as_str);
        assert_eq!(warning.is_some(), told.is_some(), "{cells}: {warnings:?}");
        assert!(warning.unwrap_or_default().starts_with(told.unwrap_or_default()), "{warning:?}");
    }
    let lines = |pops: [&str; 3]| {
        let line = |(n, pop): (usize, &&str)| format!("D{n},10.0.0.{n},{pop},Line,12345678\n");
        head.to_owned() + &pops.iter().enumerate().map(line).collect::<String>()
    };
    let (_, warnings) = warned("a.csv", &lines(["12345678", "234567", "87654321"]));
    assert!(warnings[0].starts_with("line 3, column 3: pop: has fewer digits"), "{warnings:?}");
    for pops in
        [["12345678", "00234567", "87654321"], ["12345678", "0234567", "1"], ["1234", "x", "1"]]
    {
        assert_eq!(warned("a.csv", &lines(pops)).1, [""; 0], "{pops:?}");
    }
}

#[test]
fn tables_of_spreadsheets_are_read() {
    for text in [
        "\u{feff}id;address;pop;ssid;passphrase;open\r\nA;10.0.0.1;0001;Line;12345678;FALSE\r\n;;;;;\r\n",
        "sep=;\r\nID;Address;PoP;SSID;Passphrase\r\nA;10.0.0.1;0001;Line;12345678;;\r\n",
        "id\taddress\tpop\tssid\tpassphrase\rA\t10.0.0.1\t0001\tLine\t12345678\r",
        "id, address, pop, ssid, passphrase,,\nA, 10.0.0.1, 0001, Line, 12345678,,\n",
        "id,address,pop,ssid,passphrase\nA,10.0.0.1,\"=\"\"0001\"\"\",Line,12345678\n,,,,\n\n",
        "id,address,pop,ssid,passphrase,security,channel\nA,10.0.0.1,0001,Line,12345678,1.0,6.0\n",
    ] {
        let (roster, warnings) = warned("a.csv", text);
        assert_eq!((roster.entries.len(), warnings.len()), (1, 0), "{text}: {warnings:?}");
        let one = &roster.entries[0];
        assert_eq!(one.security.pop.as_ref().expect("a proof").expose(), b"0001", "{text}");
        assert_eq!(wifi(one).ssid.as_bytes(), b"Line", "{text}");
        assert_eq!(wifi(one).passphrase.expose(), b"12345678", "{text}");
    }
    let errors = csv("id,address,ssid,open,\nA,10.0.0.1,Line,yes,x\n").expect_err("no name");
    assert_eq!(errors, ["line 2, column 5: a value in a column without a name"]);
    let errors = parse_with(b"id,ssid\r\n\r\nA,B\xfcro\r\n", Form::Csv, &Defaults::default());
    let errors = errors.expect_err("not UTF-8");
    assert_eq!(errors, ["line 3, column 2: not UTF-8; save the table as CSV UTF-8"]);
}

#[test]
fn columns_of_others_are_labels_unless_they_may_hold_a_secret() {
    let text = "id,address,ssid,open,node_id,client_key\n1,10.0.0.1,Line,yes,iKA9,a/node.key\n";
    let (roster, _) = warned("a.csv", text);
    let labels = &roster.entries[0].labels;
    assert_eq!((labels["node_id"].as_str(), labels["client_key"].as_str()), ("iKA9", "a/node.key"));
    let text = r#"{"id":"A","address":"10.0.0.1","ssid":"Line","open":"ja","node_id":47,"x":null}"#;
    let (roster, _) = warned("a.jsonl", text);
    assert_eq!(roster.entries[0].labels["node_id"], "47");
    let names = "pasphrase,wifi_password,Wi-Fi PSK,my.pop,label.,WiFiPass,wifipw,network-key,wifi key,\
                 WIFI_KEY,wlankey,key,dataset-tlvs,proof_of_possession,wpa,mot-de-passe,ap_pw,private_key,correctHorseBatteryStaple";
    for name in names.split(',') {
        let errors = csv(&format!("id,address,ssid,open,{name}\nA,10.0.0.1,Line,yes,x\n"));
        let errors = errors.expect_err(name);
        assert!(errors[0].starts_with("line 1, column 5: unknown column"), "{errors:?}");
        assert_eq!(errors.len(), 1, "{errors:?}");
    }
    for name in ["lot", "keyboard", "client_key", "passive", "date-code", "pinout", "monkey"] {
        let text = format!("id,address,ssid,open,{name}\nA,10.0.0.1,Line,yes,x\n");
        assert!(csv(&text).is_ok(), "{name}");
    }
}

#[test]
fn the_text_of_a_code_is_no_label_unless_it_is_called_one() {
    let code = r#"{"ver":"v1","name":"PROV_1","pop":"abcd1234"}"#;
    for (code, is_secret) in [
        (code, true),
        ("WIFI:T:WPA;S:Line;P:12345678;;", true),
        (r#"{"ver":"v1","name":"PROV_1"}"#, false),
        ("A-47", false),
    ] {
        let quoted = code.replace('"', "\"\"");
        for name in ["code", "label.code"] {
            let text = format!("id,address,ssid,open,{name}\nA,10.0.0.1,Line,yes,\"{quoted}\"\n");
            let read = csv(&text);
            let refused = is_secret && name == "code";
            assert_eq!(read.is_err(), refused, "{text}");
            let told = read.err().unwrap_or_default().concat();
            assert_eq!(told.starts_with("line 2, column 5: this may be"), refused, "{told}");
            assert!(!told.contains("abcd") && !told.contains("1234"), "{told}");
            let members = [
                ("id", "A"),
                ("address", "10.0.0.1"),
                ("ssid", "Line"),
                ("open", "yes"),
                (name, code),
            ];
            let line: serde_json::Map<_, _> =
                members.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect();
            let line = serde_json::Value::from(line).to_string();
            let read = parse_with(line.as_bytes(), Form::JsonLines, &Defaults::default());
            assert_eq!(read.is_err(), refused, "{line}");
        }
    }
}

#[test]
fn the_ending_of_a_name_says_how_a_roster_is_written() {
    for (name, form) in [
        ("lot.csv", Some(Form::Csv)),
        ("LOT.CSV", Some(Form::Csv)),
        ("lot.JSONL", Some(Form::JsonLines)),
        ("lot.ndjson", Some(Form::JsonLines)),
        ("lot.json", Some(Form::JsonLines)),
        ("lot.1", None),
        ("lot", None),
    ] {
        let path = Path::new(name);
        assert_eq!((Form::by_ending(path), Form::of(path)), (form, form.unwrap_or(Form::Csv)));
    }
}

#[test]
fn what_nobody_types_is_refused_by_name() {
    let head = "id,address,pop,ssid,passphrase,username,password\n";
    for (cells, told) in [
        ("\"hunter2\nx\",Line,12345678,,", "line 2, column 3: pop: contains a line break"),
        ("x,Li\tne,12345678,,", "line 2, column 4: ssid: contains a tab, "),
        ("x,Line,hunter2\x1b[D-hunter2,,", "line 2, column 5: passphrase: contains an escape"),
        ("x,Line,12345678,hun\x07ter2,x", "line 2, column 6: username: contains the control"),
        ("x,Line,12345678,u,hunter2\u{92}", "line 2, column 7: password: contains the control"),
    ] {
        let errors = csv(&format!("{head}A,10.0.0.1,{cells}\n")).expect_err(told);
        assert!(errors.len() == 1 && errors[0].starts_with(told), "{told}: {errors:?}");
        assert!(!errors[0].contains("hun"), "{errors:?}");
    }
    let errors = csv(&format!("{head}A,10.0.0.1,x,Li\tne,12345678,,\n")).expect_err("a tab");
    assert!(errors[0].ends_with("or give such a name as ssid-hex"), "{errors:?}");
    let text = r#"{"id":"A","address":"10.0.0.1","pop":"hunter2\u0000","ssid":"Line","open":true}"#;
    let errors = json(text).expect_err("a zero byte");
    assert!(errors[0].contains("pop: contains a NUL"), "{errors:?}");
    let odd =
        csv("id,address,ssid-hex,open\nA,10.0.0.1,4c09ff,yes\n").expect("odd bytes are meant");
    assert_eq!(wifi(&odd[0]).ssid.as_bytes(), b"L\t\xff");
}

#[test]
fn a_blank_that_ends_a_secrets_file_is_warned_about() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wifi.txt"), "correct-horse \r\n").expect("written");
    let text = b"id,address,ssid,passphrase\nA,10.0.0.1,Line,file:wifi.txt\n";
    let roster = parse(text, Form::Csv, folder.path(), &Defaults::default()).expect("a roster");
    assert_eq!(wifi(&roster.entries[0]).passphrase.expose(), b"correct-horse ");
    let warnings: Vec<_> = roster.warnings.iter().collect();
    let [warning] = warnings[..] else { panic!("{warnings:?}") };
    let told = "line 2, column 4: passphrase: its file begins or ends with a blank, which is kept";
    assert_eq!(warning.to_string(), told);
    assert_eq!((warning.position.line(), warning.position.column()), (Some(2), Some(4)));
}

#[test]
fn of_many_mistakes_the_first_are_told_and_the_rest_counted() {
    let line = |number| format!("D{number},10.0.{}.{},Home,perhaps\n", number / 250, number % 250);
    let lines: Vec<_> = (0..1_000).map(line).collect();
    let text = format!("id,address,ssid,open\n{}", lines.concat());
    let parsed = parse(text.as_bytes(), Form::Csv, Path::new(""), &Defaults::default());
    let errors = parsed.expect_err("none of them is open or not");
    assert_eq!((errors.len(), errors.more()), (1_000, 960));
    let lines: Vec<_> = errors.iter().filter_map(|error| error.position.line()).collect();
    assert_eq!(lines, (2..42).collect::<Vec<_>>());
    // An error in a default comes first, and is reported once.
    let mut defaults = Defaults::default();
    defaults.set(Field::Channel, "77", "--channel");
    let parsed = parse(text.as_bytes(), Form::Csv, Path::new(""), &defaults);
    let errors = parsed.expect_err("neither is the channel one");
    assert_eq!((errors.len(), errors.more()), (1_001, 961));
    assert!(errors.iter().next().expect("the first").to_string().starts_with("--channel: 77"));
    // Warnings are counted and limited as errors are.
    let text = text.replace("perhaps", "yes").replace("Home", "\"Home \"");
    let parsed = parse(text.as_bytes(), Form::Csv, Path::new(""), &Defaults::default());
    let warnings = parsed.expect("it can be read").warnings;
    assert_eq!((warnings.len(), warnings.iter().len()), (1_000, 40));
}

#[test]
fn devices_are_given_one_by_one_as_often_as_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("roster.csv");
    let text = "id,address,ssid,open\nA,10.0.0.1,Home,yes\nB,10.0.0.2,Home,yes\n";
    std::fs::write(&path, text).expect("written");
    let source = Source::read(&path).expect("it is there");
    for _ in 0..2 {
        let mut ids = Vec::new();
        let warnings = source.each(&Defaults::default(), &mut |entry| ids.push(entry.id));
        assert!(warnings.expect("a good roster").is_empty());
        assert_eq!(ids, ["A", "B"]);
    }
    let error = Source::read(folder.path()).err().expect("a folder is none");
    assert!(error.iter().next().expect("why").to_string().starts_with("the file: "));
}
