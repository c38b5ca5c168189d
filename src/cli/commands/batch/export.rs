//! Exports the attempts in a ledger, row by row, since there may be more than fit in memory.

use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Write},
    ops::ControlFlow,
};

use esp_prov::shown::Json;
use esp_prov_batch::{
    ExportRow,
    ledger::{Access, Ledger, LedgerError, Standing},
};

use super::{
    args::{ExportArgs, ExportFormat},
    look,
    output::{Output, unwritten},
    sheet,
};
use crate::{cli::Failure, exit::Exit};

pub(super) async fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let (location, ledger) = look(&args.ledger, Access::Look).await?;
    let explain = |error| Failure::Ledger(location.to_string(), error);
    let form = match args.format {
        ExportFormat::Csv => Form::Csv(labels(ledger.as_ref()).await.map_err(explain)?),
        ExportFormat::Json => Form::Json,
    };
    let mut rows = Rows { form, to: Output::to(&args.output), is_first: true };
    let mut written = Ok(());
    let each = &mut |record| {
        written = ExportRow::of(record).map_err(io::Error::from).and_then(|row| rows.write(&row));
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    ledger.each_record(each).await.map_err(explain)?;
    written.and_then(|()| rows.end()).map_err(|error| unwritten(&args.output, &error))?;
    Ok(Exit::DONE)
}

/// The names of all labels, which are columns and so must be known before the first row. Labels
/// that a batch adds meanwhile are left out.
async fn labels(ledger: &dyn Ledger) -> Result<BTreeSet<String>, LedgerError> {
    let mut labels = BTreeSet::new();
    let each = &mut |one: Standing| {
        labels.extend(one.labels.into_keys());
        ControlFlow::Continue(())
    };
    ledger.each_standing(each).await?;
    Ok(labels)
}

/// The format of the export.
enum Form {
    /// CSV with these labels as columns.
    Csv(BTreeSet<String>),
    /// A JSON array.
    Json,
}

struct Rows<'a> {
    form: Form,
    to: BufWriter<Output<'a>>,
    is_first: bool,
}

impl Rows<'_> {
    fn write(&mut self, row: &ExportRow) -> io::Result<()> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        match &self.form {
            Form::Csv(labels) => {
                let header = is_first.then(|| row.header(labels));
                let lines = header.into_iter().chain([row.cells(labels)]).collect::<Vec<_>>();
                self.to.write_all(sheet::csv(&lines).as_bytes())
            }
            Form::Json => {
                let json = Json::pretty(row)?;
                self.to.write_all(if is_first { b"[" } else { b"," })?;
                json.lines().try_for_each(|line| write!(self.to, "\n  {line}"))
            }
        }
    }

    fn end(mut self) -> io::Result<()> {
        match (&self.form, self.is_first) {
            (Form::Csv(_), _) => {}
            (Form::Json, true) => self.to.write_all(b"[]\n")?,
            (Form::Json, false) => self.to.write_all(b"\n]\n")?,
        }
        self.to.flush()
    }
}
