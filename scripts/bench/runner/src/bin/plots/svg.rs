//! Writes SVG: a white page, so that it is legible on a dark one too, and what is drawn on it.

use std::fmt::Write;

pub const BLACK: &str = "#1f2328";
pub const GREY: &str = "#59636e";
pub const RULE: &str = "#e4e7eb";

/// A contender's colour: they can be told apart with any kind of colour vision.
pub fn color(contender: &str) -> &'static str {
    match contender {
        "green" => "#009e73",
        "green-io_uring" => "#5fd3ae",
        "epoll" => "#000000",
        "native" => "#8c8c8c",
        "native-unpinned" => "#5c5c5c",
        "go" => "#56b4e9",
        "may" => "#cc79a7",
        "tokio" => "#0072b2",
        "gevent" => "#e69f00",
        _ => "#d55e00",
    }
}

pub enum Anchor {
    Start,
    Middle,
    End,
}

pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// A page with a title, and two lines of small print under it.
    pub fn new(width: f64, height: f64, title: &str, small_print: &[String; 2]) -> Svg {
        let mut svg = Svg { width, height, body: String::new() };
        svg.rectangle((0.0, 0.0), (width, height), "#ffffff");
        svg.text((20.0, 30.0), Anchor::Start, 17.0, BLACK, title);
        svg.text((20.0, 50.0), Anchor::Start, 11.5, GREY, &small_print[0]);
        svg.text((20.0, 66.0), Anchor::Start, 11.5, GREY, &small_print[1]);
        svg
    }

    pub fn rectangle(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str) {
        self.element(&format!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{fill}"/>"#
        ));
    }

    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), width: f64, stroke: &str) {
        let ends = format!(r#"x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}""#);
        self.element(&format!(r#"<line {ends} stroke="{stroke}" stroke-width="{width}"/>"#));
    }

    /// A line through all of the points; `dashes` as in stroke-dasharray.
    pub fn path(&mut self, points: &[(f64, f64)], width: f64, stroke: &str, dashes: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let style = format!(r#"fill="none" stroke="{stroke}" stroke-width="{width}" stroke-dasharray="{dashes}""#);
        self.element(&format!(r#"<polyline points="{}" {style} stroke-linejoin="round"/>"#, points.join(" ")));
    }

    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, fill: &str) {
        self.element(&format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{fill}"/>"#));
    }

    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, size: f64, fill: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let place = format!(r#"x="{x:.1}" y="{y:.1}" text-anchor="{anchor}""#);
        self.element(&format!(r#"<text {place} font-size="{size}" fill="{fill}">{}</text>"#, escaped(text)));
    }

    /// Text that goes upwards, centred at that point.
    pub fn text_upwards(&mut self, (x, y): (f64, f64), size: f64, fill: &str, text: &str) {
        let place = format!(r#"transform="translate({x:.1} {y:.1}) rotate(-90)" text-anchor="middle""#);
        self.element(&format!(r#"<text {place} font-size="{size}" fill="{fill}">{}</text>"#, escaped(text)));
    }

    fn element(&mut self, element: &str) {
        let _ = writeln!(self.body, "{element}"); // to a String: it can't fail
    }

    pub fn finish(self) -> String {
        let (width, height) = (self.width, self.height);
        let size = format!(r#"width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}""#);
        let fonts = r#"font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif""#;
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {size} {fonts}>\n{}</svg>\n", self.body)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
