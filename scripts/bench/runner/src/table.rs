//! Plain text tables, as wide as what is in them.

use crate::stats::Stat;

/// Columns of text, the first one to the left, the others to the right.
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Row>,
}

enum Row {
    Cells(Vec<String>),
    /// One that has no numbers, but a reason.
    Note(String, String),
}

impl Table {
    pub fn new(headings: &[&str]) -> Table {
        Table { headings: headings.iter().map(|heading| heading.to_string()).collect(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(Row::Cells(cells));
    }

    pub fn note(&mut self, name: &str, text: &str) {
        self.rows.push(Row::Note(name.to_string(), text.to_string()));
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn text(&self) -> String {
        let mut widths: Vec<usize> = self.headings.iter().map(|heading| heading.chars().count()).collect();
        for row in &self.rows {
            match row {
                Row::Cells(cells) => {
                    for (width, cell) in widths.iter_mut().zip(cells) {
                        *width = (*width).max(cell.chars().count());
                    }
                }
                Row::Note(name, _) => widths[0] = widths[0].max(name.chars().count()),
            }
        }
        let line = |cells: &[String]| {
            let mut line = String::new();
            for (i, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                line += &if i == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
            }
            line.trim_end().to_string() + "\n"
        };
        let mut text = line(&self.headings);
        for row in &self.rows {
            match row {
                Row::Cells(cells) => text += &line(cells),
                Row::Note(name, note) => text += &format!("{name:<width$}  {note}\n", width = widths[0]),
            }
        }
        text
    }
}

/// 12,345
pub fn commas(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value <= -0.5 {
        text.insert(0, '-');
    }
    text
}

/// About three digits.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => commas(value),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

pub fn or_dash(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or("-".to_string(), show)
}

/// The median.
pub fn middle(stat: Option<Stat>) -> String {
    or_dash(stat.map(|stat| stat.median), number)
}

/// From the least to the most.
pub fn spread(stat: Option<Stat>) -> String {
    stat.filter(|stat| stat.count > 1)
        .map_or("-".to_string(), |stat| format!("{}..{}", number(stat.min), number(stat.max)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(
            [0.0, 999.0, 1_000.0, 1_234_567.0, -12_345.0, -0.2].map(commas),
            ["0", "999", "1,000", "1,234,567", "-12,345", "0"]
        );
        assert_eq!([1.237, 12.37, 123.7, 12_370.0].map(number), ["1.24", "12.4", "124", "12,370"]);
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(&["who", "ns"]);
        table.row(vec!["green".to_string(), "1,234".to_string()]);
        table.note("go", "missing");
        assert_eq!(table.text(), "who       ns\ngreen  1,234\ngo     missing\n");
    }
}
