//! Panels of bars that lie: in each a bar for each contender, on a scale of its own that begins at nothing.

use crate::svg::{Anchor, Svg, BLACK, GREY, RULE};

const WIDTH: f64 = 880.0;
const MARGIN: f64 = 20.0;
const TOP: f64 = 80.0;
const BAR: f64 = 17.0;
/// For the contenders' names, and for the numbers behind the bars.
const NAMES: f64 = 104.0;

pub struct Panel {
    pub title: String,
    pub bars: Vec<Bar>,
    /// Where the scale ends, if not at the longest bar: longer ones are cut.
    pub most: Option<f64>,
}

pub struct Bar {
    pub name: String,
    /// One after the other: how much, and in which colour.
    pub parts: Vec<(f64, &'static str)>,
    /// What is put behind it.
    pub text: String,
}

/// So many panels beside each other, each with so much room for the text behind its bars. The legend says what colours mean, where
/// those aren't just the contenders'.
pub fn draw(
    title: &str,
    small_print: &[String; 2],
    legend: &[(&str, &'static str)],
    columns: usize,
    room: f64,
    panels: &[Panel],
) -> Option<String> {
    let most_bars = panels.iter().map(|panel| panel.bars.len()).max().filter(|most| *most > 0)?;
    let panel_height = 26.0 + most_bars as f64 * BAR + 16.0;
    let panel_width = (WIDTH - MARGIN) / columns as f64 - MARGIN;
    let top = TOP + if legend.is_empty() { 0.0 } else { 24.0 };
    let height = top + panels.len().div_ceil(columns) as f64 * panel_height + 6.0;
    let mut svg = Svg::new(WIDTH, height, title, small_print);
    for (i, (name, color)) in legend.iter().enumerate() {
        let x = MARGIN + NAMES + 150.0 * i as f64;
        svg.rectangle((x, TOP), (12.0, 12.0), color);
        svg.text((x + 18.0, TOP + 10.5), Anchor::Start, 12.0, BLACK, name);
    }
    for (i, panel) in panels.iter().enumerate() {
        let x = MARGIN + (i % columns) as f64 * (panel_width + MARGIN);
        let y = top + (i / columns) as f64 * panel_height;
        svg.text((x, y + 16.0), Anchor::Start, 13.0, BLACK, &panel.title);
        draw_panel(&mut svg, (x + NAMES, y + 26.0), panel_width - NAMES - room, panel);
    }
    Some(svg.finish())
}

/// `place` is where the first bar begins, `width` that of the longest.
fn draw_panel(svg: &mut Svg, (x, y): (f64, f64), width: f64, panel: &Panel) {
    let sum = |bar: &Bar| bar.parts.iter().map(|(value, _)| value.max(0.0)).sum::<f64>();
    let longest = panel.bars.iter().map(sum).fold(f64::MIN_POSITIVE, f64::max);
    let most = panel.most.unwrap_or(longest);
    for (i, bar) in panel.bars.iter().enumerate() {
        let y = y + i as f64 * BAR;
        svg.text((x - 7.0, y + 12.0), Anchor::End, 12.0, BLACK, &bar.name);
        let mut end = x;
        for (value, color) in &bar.parts {
            let length = (value.max(0.0) / most * width).min(x + width - end);
            svg.rectangle((end, y + 2.0), (length, BAR - 4.0), color);
            end += length;
        }
        if sum(bar) > most {
            svg.line((end - 14.0, y + BAR), (end - 8.0, y), 3.0, "#ffffff");
        }
        svg.text((end + 5.0, y + 12.0), Anchor::Start, 11.5, GREY, &bar.text);
    }
    svg.line((x, y), (x, y + panel.bars.len() as f64 * BAR), 1.0, RULE);
}
