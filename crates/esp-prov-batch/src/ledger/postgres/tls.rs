//! TLS to the database, as libpq has it (PostgreSQL 15, "SSL Support"): `sslmode`, `sslrootcert`,
//! `sslcert` and `sslkey`, the variables for them, and the files in `~/.postgresql`.
//!
//! Other than libpq, this takes names in a certificate only from its subject alternative names, and
//! `allow` as `prefer`.

#[cfg(feature = "tls")]
mod certificates;

use std::fmt;

use tokio_postgres::{Config, config::Host, config::SslMode};

#[cfg(feature = "tls")]
pub(super) use self::certificates::refusal;
#[cfg(feature = "tls")]
use self::certificates::with;
use super::settings::variable;
use crate::ledger::LedgerError;

/// What is asked of TLS, from less to more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        })
    }
}

/// How to connect.
#[derive(Clone)]
pub(super) enum Tls {
    Never,
    #[cfg(feature = "tls")]
    With(tokio_postgres_rustls::MakeRustlsConnect),
}

/// What these settings ask for.
pub(super) fn of(
    config: &mut Config,
    setting: impl Fn(&str) -> Option<String>,
) -> Result<Tls, LedgerError> {
    let mode = match setting("sslmode").or_else(|| variable("PGSSLMODE")) {
        None => Mode::Prefer,
        Some(name) => Mode::named(&name).ok_or_else(|| {
            let why = "sslmode is disable, allow, prefer, require, verify-ca or verify-full";
            LedgerError::Unusable(why.to_owned())
        })?,
    };
    // As for libpq, a socket needs none.
    let is_socket = |host: &Host| !matches!(host, Host::Tcp(_));
    if mode == Mode::Disable || config.get_hosts().iter().any(is_socket) {
        config.ssl_mode(SslMode::Disable);
        return Ok(Tls::Never);
    }
    with(mode, config, setting)
}

#[cfg(not(feature = "tls"))]
fn with(
    mode: Mode,
    config: &mut Config,
    _: impl Fn(&str) -> Option<String>,
) -> Result<Tls, LedgerError> {
    if mode > Mode::Prefer {
        let why =
            "this build has no TLS (feature tls); use a socket, a network of your own or a tunnel";
        return Err(LedgerError::Unusable(format!("sslmode={mode}: {why}")));
    }
    config.ssl_mode(SslMode::Disable);
    Ok(Tls::Never)
}

#[cfg(not(feature = "tls"))]
pub(super) fn refusal(_: &tokio_postgres::Error) -> Option<LedgerError> {
    None
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn asked(settings: &str, sslmode: Option<&str>) -> Result<bool, String> {
        let mut config = Config::from_str(settings).expect("settings");
        let setting = |name: &str| sslmode.filter(|_| name == "sslmode").map(str::to_owned);
        let tls = of(&mut config, setting).map_err(|error| error.to_string())?;
        Ok(!matches!(tls, Tls::Never))
    }

    #[test]
    fn a_socket_needs_no_tls() {
        assert_eq!(asked("host=/tmp user=u", Some("require")), Ok(false));
        assert_eq!(asked("host=db user=u", Some("disable")), Ok(false));
        assert_eq!(asked("host=db user=u", None), Ok(cfg!(feature = "tls")));
    }

    #[test]
    fn a_mode_that_is_none_is_refused() {
        let told = asked("host=db user=u", Some("on")).expect_err("refused");
        assert!(told.starts_with("sslmode is disable, "), "{told}");
    }

    #[test]
    #[cfg(not(feature = "tls"))]
    fn what_this_build_can_not_do_is_refused() {
        let told = asked("host=db user=u", Some("verify-full")).expect_err("refused");
        assert!(told.starts_with("sslmode=verify-full: this build has no TLS"), "{told}");
    }
}
