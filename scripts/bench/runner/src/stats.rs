//! Medians, and ratios of pairs.

use serde::{Deserialize, Serialize};

/// What a value was over the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stat {
    pub median: f64,
    pub min: f64,
    pub max: f64,
    /// Of how many rounds.
    pub count: usize,
}

impl Stat {
    /// None if there is no value.
    pub fn of(values: &[f64]) -> Option<Stat> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2.0;
        Some(Stat { median, min, max, count })
    }
}

/// A value of one round.
pub type InRound = (u32, f64);

/// Each round's value over the same round's value of the other. The machine's mood is the same for both, so that the median of
/// these ratios says more than the ratio of the medians.
pub fn ratios(values: &[InRound], base: &[InRound]) -> Vec<f64> {
    let paired = |(round, value): &InRound| {
        let (_, base) = base.iter().find(|(other, base)| other == round && *base != 0.0)?;
        Some(value / base)
    };
    values.iter().filter_map(paired).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_odd_number_is_one_of_them() {
        let stat = Stat::of(&[9.0, 1.0, 5.0]).unwrap();
        assert_eq!(stat, Stat { median: 5.0, min: 1.0, max: 9.0, count: 3 });
    }

    #[test]
    fn the_median_of_an_even_number_is_between_two() {
        assert_eq!(Stat::of(&[4.0, 1.0, 2.0, 8.0]).unwrap().median, 3.0);
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(Stat::of(&[]), None);
        assert_eq!(Stat::of(&[f64::NAN]), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let green = [(1, 11.0), (2, 30.0), (3, 50.0)];
        let epoll = [(3, 50.0), (1, 10.0), (2, 20.0)];
        assert_eq!(ratios(&green, &epoll), [1.1, 1.5, 1.0]);
    }

    #[test]
    fn a_round_without_both_has_no_ratio() {
        assert_eq!(ratios(&[(1, 1.0), (2, 6.0), (3, 1.0)], &[(2, 3.0), (3, 0.0)]), [2.0]);
    }
}
