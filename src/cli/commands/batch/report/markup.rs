//! Text for HTML and XML.

use std::{
    fmt::{self, Write},
    time::Duration,
};

use esp_prov::shown::Shown;

/// Text between tags or in a quoted attribute. It is visible, and never markup.
pub(super) struct Escaped(Shown);

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_str().chars().try_for_each(|char| match char {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            char => f.write_char(char),
        })
    }
}

/// A name from outside, such as that of a device.
pub(super) fn name(text: &str) -> Escaped {
    Escaped(Shown::name(text))
}

/// A line that may have names in it, such as an error.
pub(super) fn line(text: &str) -> Escaped {
    Escaped(Shown::line(text))
}

/// A line of our own, in which `code` is marked.
pub(super) fn prose(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = line(part);
        let _ =
            if at % 2 == 0 { write!(html, "{part}") } else { write!(html, "<code>{part}</code>") };
    }
    html
}

/// A count with its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in percent, with one digit. Only all are 100 %, and only none are 0 %.
pub(super) fn percent(share: Option<f64>) -> String {
    match share {
        None => "–".to_owned(),
        Some(share) if share < 1.0 && share > 0.999_5 => "99.9 %".to_owned(),
        Some(share) if share > 0.0 && share < 0.000_5 => "0.1 %".to_owned(),
        Some(share) => format!("{:.1} %", share * 100.0),
    }
}

/// A rate with at most one digit; small ones have two.
pub(super) fn rate(per_hour: Option<f64>) -> String {
    match per_hour {
        None => "–".to_owned(),
        Some(rate) if rate >= 100.0 => format!("{rate:.0}"),
        Some(rate) if rate >= 10.0 => format!("{rate:.1}"),
        Some(rate) => format!("{rate:.2}"),
    }
}

/// A time as people say it.
pub(super) fn time(ms: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits")]
    let seconds = ms as f64 / 1000.0;
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..10_000 => format!("{seconds:.2} s"),
        10_000..120_000 => format!("{seconds:.1} s"),
        _ => span(Duration::from_millis(ms)),
    }
}

/// A longer time, in hours and minutes.
pub(super) fn span(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        let nasty = "<script>\"'&amp;\u{0}\u{1b}[31m\u{202e}\u{ffff}]]>-->";
        let harmless = name(nasty).to_string();
        assert_eq!(
            harmless,
            "&lt;script&gt;&quot;&#39;&amp;amp;\\u{0}\\u{1b}[31m\\u{202e}\\u{ffff}]]&gt;--&gt;"
        );
        assert_eq!(prose("run `a<b` & co"), "run <code>a&lt;b</code> &amp; co");
    }

    #[test]
    fn figures_are_rounded_but_all_and_none_are_meant() {
        let shares = [None, Some(0.0), Some(0.000_01), Some(0.5), Some(0.999_99), Some(1.0)];
        let shown = ["–", "0.0 %", "0.1 %", "50.0 %", "99.9 %", "100.0 %"];
        assert_eq!(shares.map(percent), shown);
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        let times = [0, 999, 1234, 12_345, 119_999, 120_000, 3_600_000, 5_400_000];
        let shown = ["0 ms", "999 ms", "1.23 s", "12.3 s", "120.0 s", "2 min", "1 h", "1 h 30 min"];
        assert_eq!(times.map(time), shown);
        assert_eq!(
            [None, Some(1.234), Some(12.34), Some(1234.5)].map(rate),
            ["–", "1.23", "12.3", "1234"]
        );
    }
}
