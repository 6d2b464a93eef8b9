//! Lines over a number of connections, both axes logarithmic.

use crate::svg::{color, Anchor, Svg, BLACK, GREY, RULE};
use bench_runner::stats::Stat;
use bench_runner::table::commas;

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = WIDTH - 190.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = HEIGHT - 62.0;
/// Between the labels of two lines.
const LABEL_HEIGHT: f64 = 15.0;

pub struct Line {
    pub contender: String,
    /// What is put behind the name at the line's end.
    pub remark: String,
    pub points: Vec<(f64, Stat)>,
}

/// From the least to the most, both of them whole steps of the axis.
struct Axis {
    least: f64,
    most: f64,
    begin: f64,
    end: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        let share = (value / self.least).ln() / (self.most / self.least).ln();
        self.begin + share * (self.end - self.begin)
    }
}

/// 1, 2, 5, 10, 20, …: those from just below the least to just above the most.
fn steps(least: f64, most: f64) -> Vec<f64> {
    let all = (-3..12).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
    let mut steps: Vec<f64> = all.collect();
    let first = steps.iter().rposition(|step| *step <= least).unwrap_or(0);
    let last = steps.iter().position(|step| *step >= most).unwrap_or(steps.len() - 1).max(first + 1);
    steps.truncate(last + 1);
    steps.split_off(first)
}

pub fn draw(title: &str, small_print: &[String; 2], across: &str, upwards: &str, lines: &[Line]) -> Option<String> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let least = points().map(|(_, stat)| stat.min).fold(f64::MAX, f64::min);
    let most = points().map(|(_, stat)| stat.max).fold(0.0, f64::max);
    let mut sizes: Vec<f64> = points().map(|(size, _)| *size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    if sizes.len() < 2 || least <= 0.0 {
        return None;
    }
    let steps = steps(least, most);
    let x = Axis { least: sizes[0], most: sizes[sizes.len() - 1], begin: LEFT + 12.0, end: RIGHT - 12.0 };
    let y = Axis { least: steps[0], most: steps[steps.len() - 1], begin: BOTTOM, end: TOP };
    let mut svg = Svg::new(WIDTH, HEIGHT, title, small_print);
    for step in &steps {
        svg.line((LEFT, y.at(*step)), (RIGHT, y.at(*step)), 1.0, RULE);
        let text = if *step >= 1.0 { commas(*step) } else { step.to_string() };
        svg.text((LEFT - 8.0, y.at(*step) + 4.0), Anchor::End, 12.0, GREY, &text);
    }
    for size in &sizes {
        svg.line((x.at(*size), BOTTOM), (x.at(*size), BOTTOM + 5.0), 1.0, GREY);
        svg.text((x.at(*size), BOTTOM + 20.0), Anchor::Middle, 12.0, GREY, &commas(*size));
    }
    svg.line((LEFT, BOTTOM), (RIGHT, BOTTOM), 1.0, GREY);
    svg.text(((LEFT + RIGHT) / 2.0, BOTTOM + 44.0), Anchor::Middle, 13.0, BLACK, across);
    svg.text_upwards((24.0, (TOP + BOTTOM) / 2.0), 13.0, BLACK, upwards);

    for line in lines {
        let color = color(&line.contender);
        let (width, dashes) = match line.contender.as_str() {
            "green" => (3.2, ""),
            "epoll" => (2.2, "7 4"),
            _ => (1.8, ""),
        };
        for (size, stat) in &line.points {
            svg.line((x.at(*size), y.at(stat.min)), (x.at(*size), y.at(stat.max)), 1.0, color);
        }
        let points: Vec<_> = line.points.iter().map(|(size, stat)| (x.at(*size), y.at(stat.median))).collect();
        svg.path(&points, width, color, dashes);
        points.iter().for_each(|point| svg.dot(*point, 3.2, color));
    }
    let ends: Vec<f64> =
        lines.iter().map(|line| line.points.last().map_or(BOTTOM, |(_, stat)| y.at(stat.median))).collect();
    for (line, label) in lines.iter().zip(apart(&ends)) {
        let text = format!("{} {}", line.contender, line.remark);
        if let Some((size, stat)) = line.points.last() {
            svg.line((x.at(*size) + 5.0, y.at(stat.median)), (RIGHT + 8.0, label), 0.8, color(&line.contender));
        }
        svg.dot((RIGHT + 12.0, label), 4.0, color(&line.contender));
        svg.text((RIGHT + 22.0, label + 4.0), Anchor::Start, 12.5, BLACK, text.trim_end());
    }
    Some(svg.finish())
}

/// Where labels go that want to be at these heights: none over another, none below the axis, in the same order.
fn apart(wanted: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut places = wanted.to_vec();
    let mut lowest = f64::MIN;
    for label in &order {
        places[*label] = places[*label].max(lowest + LABEL_HEIGHT);
        lowest = places[*label];
    }
    let mut highest = BOTTOM + LABEL_HEIGHT;
    for label in order.iter().rev() {
        places[*label] = places[*label].min(highest - LABEL_HEIGHT);
        highest = places[*label];
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_enclose_the_values() {
        assert_eq!(steps(3.0, 45.0), [2.0, 5.0, 10.0, 20.0, 50.0]);
        assert_eq!(steps(1.0, 1.0), [1.0, 2.0]);
    }

    #[test]
    fn labels_are_kept_apart() {
        assert_eq!(apart(&[100.0, 102.0, 300.0]), [100.0, 115.0, 300.0]);
        assert_eq!(apart(&[BOTTOM, BOTTOM]), [BOTTOM - LABEL_HEIGHT, BOTTOM]);
    }
}
