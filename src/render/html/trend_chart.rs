//! The chart of the trend: a step line of the licenses consumed, a broken line of those purchased, the space between
//! them, the peak, and hatching where no snapshot was taken.
//!
//! Lines are drawn in a square of 1,000 by 1,000 that is stretched to the size of the chart. Texts and dots stand
//! outside of it, at parts of a hundred, so that they keep their form at every size. No style attribute is needed.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, Months, NaiveDate};

use super::document::Document;
use super::markup::Markup;
use super::words::day;
use crate::model::Instant;
use crate::table::grouped;

/// The length of a day, in seconds.
const DAY: i64 = 86_400;

/// A span without a snapshot that is at least this long is hatched: a week of weekly files that is missing.
const GAP: i64 = 7 * DAY;

/// A value of the trend.
struct PointShown {
    at: Instant,
    consumed: i64,
    purchased: Option<i64>,
    snapshots: i64,
}

/// What the chart is drawn from.
pub(super) struct TrendChart {
    points: Vec<PointShown>,
    peak: Option<(Instant, i64)>,
    /// The first instant of the chart: the first snapshot, or the beginning of the first period.
    begins: Instant,
    /// The last instant of the chart: that of the page.
    until: Instant,
    /// The lowest and the highest value of the axis.
    low: i64,
    high: i64,
    step: i64,
}

impl TrendChart {
    /// The chart of a page's trend; `None` if there is nothing to draw.
    pub fn of(page: &Document<'_>) -> Option<TrendChart> {
        let until = page.instant("as_of")?;
        let points = page.list("trend.points").iter().enumerate().filter_map(|(index, point)| {
            let at = page.instant(&format!("trend.points.{index}.at"))?;
            Some(PointShown {
                at: at.min(until),
                consumed: point.get("consumed")?.as_i64()?,
                purchased: point.get("purchased")?.as_i64(),
                snapshots: point.get("snapshots")?.as_i64()?,
            })
        });
        let mut points: Vec<PointShown> = points.collect();
        // The line ends with the instant of the page, whose value stands in the headline.
        if points.last().is_none_or(|last| last.at < until) {
            points.push(PointShown {
                at: until,
                consumed: page.number("consumption.consumed")?,
                purchased: page.number("consumption.purchased"),
                snapshots: 1,
            });
        }
        let peak = page.instant("trend.peak.at").zip(page.number("trend.peak.consumed"));
        let purchased = points.iter().filter_map(|it| it.purchased);
        let values = points.iter().map(|it| it.consumed).chain(purchased);
        let values: Vec<i64> = values.chain(peak.map(|it| it.1)).collect();
        let (least, most) = (*values.iter().min()?, *values.iter().max()?);
        let (low, high, step) = axis(least, most);
        let length = match page.text("trend.by") {
            Some("day") => DAY,
            Some("month") => 31 * DAY,
            _ => 7 * DAY,
        };
        let first = points.first().map_or(until, |it| it.at);
        let sources = (0..page.list("sources").len()).map(|it| format!("sources.{it}.first"));
        let taken = sources.filter_map(|path| page.instant(&path)).min().unwrap_or(first);
        let begins = first.plus_seconds(1 - length).max(taken).min(first);
        Some(TrendChart { points, peak, begins, until, low, high, step })
    }

    /// Does the axis begin above 0?
    pub fn begins_at(&self) -> i64 {
        self.low
    }

    /// Are there spans without a snapshot?
    pub fn has_gaps(&self) -> bool {
        !self.gaps().is_empty()
    }

    fn x(&self, at: Instant) -> f64 {
        let span = (self.until.unix() - self.begins.unix()) as f64;
        match span > 0.0 {
            true => ((at.unix() - self.begins.unix()) as f64 / span).clamp(0.0, 1.0),
            false => 0.5,
        }
    }

    fn y(&self, value: i64) -> f64 {
        1.0 - (value - self.low) as f64 / (self.high - self.low) as f64
    }

    /// The spans longer than [`GAP`] in which no snapshot was taken.
    fn gaps(&self) -> Vec<(Instant, Instant)> {
        let mut gaps: Vec<(Instant, Instant)> = Vec::new();
        let mut begun: Option<Instant> = None;
        let mut before = Some(self.begins);
        for point in &self.points {
            if point.snapshots == 0 {
                begun = begun.or(before);
            } else if let (Some(from), Some(to)) = (begun.take(), before) {
                gaps.push((from, to));
            }
            before = Some(point.at);
        }
        if let (Some(from), Some(to)) = (begun, before) {
            gaps.push((from, to));
        }
        gaps.retain(|(from, to)| to.unix() - from.unix() >= GAP);
        gaps
    }

    /// The path of a step line through values that may be unknown. The value of a period is drawn over all of the
    /// period, so that a peak within it stands on the line.
    fn steps(&self, value: impl Fn(&PointShown) -> Option<i64>) -> String {
        let mut path = String::new();
        let mut drawn = false;
        let mut left = 1000.0 * self.x(self.begins);
        for point in &self.points {
            let right = 1000.0 * self.x(point.at);
            if let Some(value) = value(point) {
                let y = 1000.0 * self.y(value);
                match drawn {
                    true => put(&mut path, format_args!("V{y:.1}H{right:.1}")),
                    false => put(&mut path, format_args!("M{left:.1} {y:.1}H{right:.1}")),
                }
            }
            drawn = value(point).is_some();
            left = right;
        }
        path
    }

    /// The areas between consumed and purchased: with licenses to spare, and with too few.
    fn areas(&self) -> [String; 2] {
        let mut areas = [String::new(), String::new()];
        let mut left = 1000.0 * self.x(self.begins);
        for point in &self.points {
            let right = 1000.0 * self.x(point.at);
            if let Some(purchased) = point.purchased {
                let over = usize::from(point.consumed > purchased);
                let (one, other) = (1000.0 * self.y(point.consumed), 1000.0 * self.y(purchased));
                if let Some(area) = areas.get_mut(over) {
                    put(area, format_args!("M{left:.1} {one:.1}H{right:.1}V{other:.1}H{left:.1}Z"));
                }
            }
            left = right;
        }
        areas
    }

    /// The chart as SVG. `label` says what it shows.
    pub fn drawn(&self, label: &Markup) -> Markup {
        let mut svg = format!(
            "<svg class=\"chart\" role=\"img\" aria-label=\"{label}\"><defs><pattern id=\"hatch\" \
             width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V7\"/></pattern></defs>"
        );
        for (from, to) in self.gaps() {
            let (from, to) = (100.0 * self.x(from), 100.0 * self.x(to));
            put(
                &mut svg,
                format_args!(
                    "<rect class=\"gap\" x=\"{from:.2}%\" y=\"0\" width=\"{:.2}%\" \
                     height=\"100%\" fill=\"url(#hatch)\"/>",
                    to - from
                ),
            );
        }
        self.put_axes(&mut svg);
        let [spare, over] = self.areas();
        put(
            &mut svg,
            format_args!(
                "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" width=\"100%\" \
                 height=\"100%\"><path class=\"spare\" d=\"{spare}\"/><path class=\"over\" \
                 d=\"{over}\"/><path class=\"line purchased\" data-series=\"purchased\" d=\"{}\"/>\
                 <path class=\"line consumed\" data-series=\"consumed\" d=\"{}\"/></svg>",
                self.steps(|it| it.purchased),
                self.steps(|it| Some(it.consumed))
            ),
        );
        self.put_marks(&mut svg);
        svg.push_str("</svg>");
        Markup(svg)
    }

    fn put_axes(&self, svg: &mut String) {
        let mut value = self.low;
        while value <= self.high {
            let y = 100.0 * self.y(value);
            put(
                svg,
                format_args!(
                    "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y:.2}%\" y2=\"{y:.2}%\"/><text \
                     class=\"tick\" x=\"0\" y=\"{y:.2}%\" dx=\"-10\" dy=\"4\" \
                     text-anchor=\"end\">{}</text>",
                    grouped(value)
                ),
            );
            value += self.step;
        }
        for (index, (at, name)) in self.dates().into_iter().enumerate() {
            let x = 100.0 * self.x(at);
            let class = if index % 2 == 1 { "tick minor" } else { "tick" };
            put(
                svg,
                format_args!(
                    "<line class=\"grid\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"100%\" y2=\"100%\"/>\
                     <text class=\"{class}\" x=\"{x:.2}%\" y=\"100%\" dy=\"22\" \
                     text-anchor=\"middle\">{name}</text>"
                ),
            );
        }
    }

    /// The peak, and the last values.
    fn put_marks(&self, svg: &mut String) {
        let Some(last) = self.points.last() else { return };
        if let Some((at, consumed)) = self.peak {
            let (x, y) = (100.0 * self.x(at), 100.0 * self.y(consumed));
            let anchor = match x {
                ..20.0 => "start",
                80.0.. => "end",
                _ => "middle",
            };
            // Where the line of the purchased licenses runs close above the peak, the label stands above the line.
            let bought = self.points.iter().rev().find(|it| it.at <= at);
            let bought = bought.and_then(|it| it.purchased).map(|it| 100.0 * self.y(it));
            let label = bought.filter(|it| (0.0..14.0).contains(&(y - it))).unwrap_or(y);
            put(
                svg,
                format_args!(
                    "<line class=\"leader\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{label:.2}%\" \
                     y2=\"{y:.2}%\"/><circle class=\"peak\" cx=\"{x:.2}%\" cy=\"{y:.2}%\" \
                     r=\"5\"/><text class=\"mark peak\" x=\"{x:.2}%\" y=\"{label:.2}%\" \
                     dy=\"-12\" text-anchor=\"{anchor}\">Peak {} · {}</text>",
                    grouped(consumed),
                    day(at)
                ),
            );
        }
        let x = 100.0 * self.x(last.at);
        let y = 100.0 * self.y(last.consumed);
        // The labels of the two lines never stand on one another.
        let mut of_purchased = last.purchased.map(|it| 100.0 * self.y(it));
        let mut of_consumed = y;
        if let Some(other) = &mut of_purchased
            && (*other - of_consumed).abs() < 12.0
        {
            let middle = f64::midpoint(*other, of_consumed);
            let sign = if *other <= of_consumed { -6.0 } else { 6.0 };
            (*other, of_consumed) = (middle + sign, middle - sign);
        }
        put(
            svg,
            format_args!(
                "<circle class=\"end\" cx=\"{x:.2}%\" cy=\"{y:.2}%\" r=\"4\"/><text class=\"mark \
                 consumed\" x=\"100%\" y=\"{of_consumed:.2}%\" dx=\"12\" dy=\"5\">{}<tspan \
                 class=\"word\"> consumed</tspan></text>",
                grouped(last.consumed)
            ),
        );
        if let Some((purchased, y)) = last.purchased.zip(of_purchased) {
            put(
                svg,
                format_args!(
                    "<text class=\"mark purchased\" x=\"100%\" y=\"{y:.2}%\" dx=\"12\" \
                     dy=\"5\">{}<tspan class=\"word\"> purchased</tspan></text>",
                    grouped(purchased)
                ),
            );
        }
    }

    /// The dates below the chart, each with its name.
    fn dates(&self) -> Vec<(Instant, String)> {
        let first = self.begins;
        let of = |at: Instant| DateTime::from_timestamp(at.unix(), 0).map(|it| it.date_naive());
        let (Some(from), Some(to)) = (of(first), of(self.until)) else { return Vec::new() };
        let days = (to - from).num_days();
        let mut dates = Vec::new();
        let at =
            |day: NaiveDate| Instant::from_unix(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp());
        if days <= 100 {
            let step = match days {
                ..=16 => 2,
                17..=50 => 7,
                _ => 14,
            };
            let days = from.iter_days().skip(1).step_by(step).take_while(|day| *day <= to);
            dates.extend(days.filter_map(|day| Some((at(day)?, day.format("%-d %b").to_string()))));
            return dates;
        }
        let months = match days {
            ..=250 => 1,
            251..=1_000 => 3,
            1_001..=2_000 => 6,
            2_001..=4_500 => 12,
            _ => 12 * (1 + days as u32 / 4_500),
        };
        let mut next = from.with_day(1);
        while let Some(day) = next.filter(|day| *day <= to) {
            if day >= from && day.month0() % months.min(12) == 0 {
                let format = if months < 12 { "%b %Y" } else { "%Y" };
                dates.extend(at(day).map(|at| (at, day.format(format).to_string())));
            }
            next = day.checked_add_months(Months::new(1));
        }
        let years = (months / 12).max(1) as usize;
        dates.into_iter().step_by(years).collect()
    }
}

/// The lowest and the highest value of an axis and the distance of its lines, for values from `least` to `most`. The
/// axis begins at 0 if the least value is small against the greatest.
fn axis(least: i64, most: i64) -> (i64, i64, i64) {
    let least = if least * 5 < most * 2 { 0 } else { least };
    let range = (most - least).max(4);
    let mut step = 1;
    while range / step > 5 {
        // 1, 2, 5, 10, 20, 50, …
        let leading = step.to_string().starts_with('2');
        step = if leading { step / 2 * 5 } else { step * 2 };
    }
    let low = (least - step / 2).max(0) / step * step;
    let low = if least == 0 { 0 } else { low };
    let high = (most + step / 2).div_euclid(step) * step + step;
    // Where all values are equal, a second line shows how far they are from anything else.
    let high = high.max(low + 2 * step);
    (low, high, step)
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _never = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::axis;

    #[test]
    fn an_axis_holds_all_values_and_has_few_lines() {
        for (least, most) in [(0, 0), (1, 1), (400, 470), (3, 1_000_000), (95_000, 101_000)] {
            let (low, high, step) = axis(least, most);
            assert!(low <= least && high > most, "{least} to {most}: {low} to {high}");
            assert!((2..=9).contains(&((high - low) / step)), "{least} to {most}: {step}");
        }
    }
}
