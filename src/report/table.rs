//! Tables that fit the terminal: if it is narrow, less important columns are left out and long
//! names are cut.

use std::fmt::Write;

use esp_prov::shown::Shown;

/// The least width of a name, in columns of the terminal. For it, table columns are left out.
const NAME: usize = 16;

/// A column of a table, with a cell for each line.
pub(super) struct Column {
    cells: Vec<Shown>,
    /// The number of spaces before it.
    gap: usize,
    width: usize,
    /// The order in which columns are left out, the greatest first; 0 for never.
    rank: u8,
    is_name: bool,
}

impl Column {
    /// A column that is at least `least` wide.
    pub(super) fn new(gap: usize, least: usize, cells: Vec<Shown>) -> Self {
        let width = cells.iter().map(Shown::width).max().unwrap_or(0).max(least);
        Self { cells, gap, width, rank: 0, is_name: false }
    }

    /// Allows the column to be left out.
    pub(super) fn spared(self, rank: u8) -> Self {
        Self { rank, ..self }
    }

    /// Makes it a column of names, which can be cut.
    pub(super) fn of_names(self) -> Self {
        Self { is_name: true, ..self }
    }
}

/// The lines of a table. On a terminal, they fit into `room` columns.
pub(super) fn fit(mut columns: Vec<Column>, room: Option<usize>) -> Vec<Shown> {
    if let Some(room) = room {
        let least = |column: &Column| {
            let width = if column.is_name { column.width.min(NAME) } else { column.width };
            column.gap + width
        };
        while columns.iter().map(least).sum::<usize>() > room {
            let ranks = columns.iter().map(|column| column.rank);
            let Some((at, 1..)) = ranks.enumerate().max_by_key(|(_, rank)| *rank) else { break };
            columns.remove(at);
        }
        let others = columns.iter().map(|column| column.gap + column.width).sum::<usize>();
        for column in columns.iter_mut().filter(|column| column.is_name) {
            let over = others.saturating_sub(room);
            column.width = column.width.saturating_sub(over).max(1);
        }
    }
    let count = columns.first().map_or(0, |column| column.cells.len());
    let line = |row: usize| {
        let mut line = String::new();
        for (column, nth) in columns.iter().zip(1..) {
            let cell = column.cells[row].clone().cut(column.width);
            let fill = if nth == columns.len() { 0 } else { column.width - cell.width() };
            let gap = column.gap;
            // Writing to a string can't fail.
            let _ = write!(line, "{:gap$}{cell}{:fill$}", "", "");
        }
        Shown::line(line)
    };
    (0..count).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(room: Option<usize>) -> Vec<String> {
        let cells = |texts: &[&str]| texts.iter().map(|text| Shown::name(*text)).collect();
        let columns = vec![
            Column::new(0, 4, cells(&["▂▄▆█", ""])),
            Column::new(1, 0, cells(&["-40 dBm", "-7 dBm"])).spared(2),
            Column::new(2, 0, cells(&["24:0a:c4:11:22:33", ""])).spared(3),
            Column::new(2, 0, cells(&["a network with a long name", "Home"])).of_names(),
        ];
        fit(columns, room).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_narrow_terminal_gets_what_matters() {
        assert_eq!(
            lines(None),
            [
                "▂▄▆█ -40 dBm  24:0a:c4:11:22:33  a network with a long name",
                "     -7 dBm                      Home",
            ]
        );
        assert_eq!(lines(Some(200)), lines(None));
        assert_eq!(
            lines(Some(40)),
            ["▂▄▆█ -40 dBm  a network with a long name", "     -7 dBm   Home"]
        );
        assert_eq!(lines(Some(30)), ["▂▄▆█ -40 dBm  a network with …", "     -7 dBm   Home"]);
        assert_eq!(lines(Some(24)), ["▂▄▆█  a network with a …", "      Home"]);
        assert_eq!(lines(Some(10)), ["▂▄▆█  a n…", "      Home"]);
    }
}
