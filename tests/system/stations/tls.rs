//! A shared ledger over TLS, with certificates made by OpenSSL.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use kit::process::{Ended, ToTheEnd};

use super::{Cluster, PASSWORD, roster};
use crate::farms::farm;

/// Certificates in a folder. A test's private keys are for this user only, as a server wants them.
struct Certificates(PathBuf);

impl Certificates {
    /// `NAME.crt` and `NAME.key`. Signs itself, and may sign others, unless it has an issuer.
    fn make(&self, name: &str, subject: &str, issuer: Option<&str>) {
        let file = |name: &str, ending: &str| self.at(&format!("{name}.{ending}"));
        let (certificate, key) = (file(name, "crt"), file(name, "key"));
        let subject = format!("/CN={subject}");
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        command.args(["-nodes", "-days", "2", "-subj", &subject]);
        command.args(["-addext", "subjectAltName=DNS:localhost"]);
        command.args(["-out", &certificate, "-keyout", &key]);
        if let Some(issuer) = issuer {
            command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
            command.args(["-CA", &file(issuer, "crt"), "-CAkey", &file(issuer, "key")]);
        }
        let ran = command.output_in_time();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        self.allow(name, 0o600);
    }

    fn at(&self, file: &str) -> String {
        self.0.join(file).to_str().expect("text").to_owned()
    }

    fn allow(&self, name: &str, mode: u32) {
        let key = self.at(&format!("{name}.key"));
        fs::set_permissions(key, fs::Permissions::from_mode(mode)).expect("ours");
    }
}

impl Cluster {
    /// Shows this certificate, and takes no connection without TLS.
    fn show(&self, certificates: &Certificates, name: &str, pg_hba: &str) {
        let data = PathBuf::from(self.data());
        fs::write(data.join("pg_hba.conf"), pg_hba).expect("written");
        for (ending, mode) in [("crt", 0o644), ("key", 0o600)] {
            let text = fs::read(certificates.at(&format!("{name}.{ending}"))).expect("made");
            let to = data.join(format!("server.{ending}"));
            fs::write(&to, text).expect("written");
            fs::set_permissions(&to, fs::Permissions::from_mode(mode)).expect("ours");
            self.hand_over(&to);
        }
        let root = fs::read(certificates.at("ca.crt")).expect("made");
        fs::write(data.join("root.crt"), root).expect("written");
        let conf = "ssl = on\nssl_ca_file = 'root.crt'\n";
        fs::write(data.join("postgresql.auto.conf"), conf).expect("written");
        self.control("restart");
    }
}

#[test]
#[ignore = "needs a PostgreSQL server"]
fn a_shared_ledger_is_reached_over_tls_as_psql_does() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let certificates = Certificates(folder.path().to_owned());
    certificates.make("ca", "a factory", None);
    certificates.make("other", "somebody", None);
    certificates.make("server", "db", Some("ca"));
    certificates.make("line", "line", Some("ca"));
    let (roster, path) = roster(folder.path());
    let (_farm, _) = farm(&["--count", "3", "--roster", &path]);
    let home = folder.path().join("home");
    fs::create_dir_all(home.join(".postgresql")).expect("a folder");
    let run = |words: &str, more: &str| {
        let port = cluster.port;
        let ledger = format!("user=line password={PASSWORD} dbname=prov port={port} {more}");
        let mut command = Command::new(crate::farms::TOOL);
        command.args(words.split(' ')).arg("--roster").arg(&roster).args(["--ledger", &ledger]);
        let ran = Ended::from(command.env("HOME", &home).output_in_time());
        assert!(!ran.stderr.contains(PASSWORD), "{}", ran.stderr);
        ran
    };
    let works = |more: &str| drop(run("batch status", more).ends_with(0));
    let fails = |more: &str, told: &str| {
        let ran = run("batch status", more).ends_with(61);
        assert!(ran.stderr.contains(told), "{more}: {}", ran.stderr);
    };
    let (here, named) = ("host=127.0.0.1", "host=localhost");

    fails(&format!("{here} sslmode=require"), "the database has no TLS");
    let only_tls = "hostssl all all 127.0.0.1/32 scram-sha-256\n";
    cluster.show(&certificates, "server", only_tls);
    run("batch", here).ends_with(0);
    fails(&format!("{here} sslmode=disable"), "no encryption");
    for mode in ["allow", "prefer", "require"] {
        works(&format!("{here} sslmode={mode}"));
    }
    let (ca, other) = (certificates.at("ca.crt"), certificates.at("other.crt"));
    works(&format!("{here} sslmode=verify-ca sslrootcert={ca}"));
    works(&format!("{named} sslmode=verify-full sslrootcert={ca}"));
    let refused = "the certificate of the database is refused";
    fails(&format!("{here} sslmode=verify-full sslrootcert={ca}"), refused);
    for mode in ["require", "verify-ca", "verify-full"] {
        fails(&format!("{named} sslmode={mode} sslrootcert={other}"), refused);
    }
    fails(&format!("{named} sslmode=verify-full"), "name its file (PEM) with sslrootcert");
    fails(&format!("{named} sslmode=verify-full sslrootcert=system"), "/etc/ssl/certs");
    fails(&format!("{named} sslmode=verify-ca sslrootcert={path}"), "no certificate in it");
    fs::copy(&ca, home.join(".postgresql/root.crt")).expect("copied");
    works(&format!("{named} sslmode=verify-full"));

    // Whoever connects shows a certificate of its own.
    cluster.show(&certificates, "server", "hostssl all all 127.0.0.1/32 cert\n");
    let own = |name: &str, key: &str| {
        let (own, key) = (certificates.at(&format!("{name}.crt")), certificates.at(key));
        format!("{named} sslmode=verify-full sslcert={own} sslkey={key}")
    };
    works(&own("line", "line.key"));
    fails(&format!("{named} sslmode=verify-full"), "valid client certificate");
    fails(&own("other", "other.key"), "the database refuses TLS with this station");
    fails(&own("line", "ca.key"), "it and its key: ");
    certificates.allow("line", 0o644);
    fails(&own("line", "line.key"), "is open to others");

    // One that signed itself, as PostgreSQL's manual makes it.
    cluster.show(&certificates, "other", only_tls);
    works(&format!("{named} sslmode=verify-full sslrootcert={other}"));
    fails(&format!("{here} sslmode=verify-full sslrootcert={other}"), refused);
    fails(&format!("{named} sslmode=verify-full sslrootcert={ca}"), refused);
}
