//! Rounds of snapshots (counting.md section 9). The files of one morning are one statement. Counts between the
//! first and the last of these files mean nothing, because they depend on the order in which the files were
//! taken.

use crate::model::Instant;

/// The usual length of a round, in seconds: six hours.
pub(crate) const USUAL_ROUND: i64 = 6 * 3600;

/// A round: the instants of snapshots that were taken so close together that they are one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Round {
    /// The first instant of the round.
    pub begins: Instant,
    /// The last instant of the round. The count at this instant is the count of the round.
    pub ends: Instant,
    /// Does the round include a snapshot that can come into force? Otherwise a declaration alone makes it.
    pub holds_snapshots: bool,
}

/// The rounds of these instants, in order. A round begins at a snapshot and includes all snapshots less than
/// `seconds` after its beginning; with 0, each instant is a round. A declaration becomes valid in a round of its
/// own, unless its instant lies within a round or is not after the beginning of the first round. Both lists must
/// be in order.
pub(crate) fn rounds(snapshots: &[Instant], declared: &[Instant], seconds: i64) -> Vec<Round> {
    let mut rounds: Vec<Round> = Vec::new();
    for at in snapshots {
        match rounds.last_mut() {
            Some(round) if *at == round.ends => {}
            Some(round) if at.unix() - round.begins.unix() < seconds => round.ends = *at,
            _ => rounds.push(Round { begins: *at, ends: *at, holds_snapshots: true }),
        }
    }
    let Some(first) = rounds.first().map(|round| round.begins) else { return rounds };
    let within = |at: Instant| {
        let next = rounds.partition_point(|round| round.ends < at);
        rounds.get(next).is_some_and(|round| round.begins <= at)
    };
    let mut alone: Vec<Instant> =
        declared.iter().copied().filter(|at| *at > first && !within(*at)).collect();
    alone.dedup();
    let alone = alone.into_iter();
    rounds.extend(alone.map(|at| Round { begins: at, ends: at, holds_snapshots: false }));
    rounds.sort_by_key(|round| round.ends);
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn at(seconds: &[i64]) -> Vec<Instant> {
        seconds.iter().filter_map(|it| Instant::from_unix(*it)).collect()
    }

    fn laid(snapshots: &[i64], declared: &[i64], seconds: i64) -> Vec<(i64, i64)> {
        let rounds = rounds(&at(snapshots), &at(declared), seconds);
        rounds.iter().map(|it| (it.begins.unix(), it.ends.unix())).collect()
    }

    #[test]
    fn a_round_takes_in_what_is_less_than_its_length_after_its_beginning() {
        let instants = [0, 3 * HOUR, 6 * HOUR - 1, 6 * HOUR, 13 * HOUR];
        assert_eq!(
            laid(&instants, &[], USUAL_ROUND),
            [(0, 6 * HOUR - 1), (6 * HOUR, 6 * HOUR), (13 * HOUR, 13 * HOUR)]
        );
        assert_eq!(laid(&[], &[5], USUAL_ROUND), [], "a declaration alone makes no round");
    }

    #[test]
    fn without_a_length_each_instant_is_a_round_once() {
        assert_eq!(laid(&[5, 5, 6], &[], 0), [(5, 5), (6, 6)]);
    }

    #[test]
    fn a_declaration_is_a_round_of_its_own_unless_it_lies_in_one() {
        let snapshots = [HOUR, 2 * HOUR, 20 * HOUR];
        // The declarations lie before the first round, at its beginning, within it, and at its end. So none of
        // them makes a round of its own.
        assert_eq!(
            laid(&snapshots, &[0, HOUR, HOUR + 1, 2 * HOUR], USUAL_ROUND),
            [(HOUR, 2 * HOUR), (20 * HOUR, 20 * HOUR)]
        );
        // The first three declarations follow the last snapshot of a round, but less than six hours after its
        // beginning. Two of them are at one instant and make one round. The third is close to these two and
        // makes another round.
        assert_eq!(
            laid(&snapshots, &[3 * HOUR, 3 * HOUR, 3 * HOUR + 1, 30 * HOUR], USUAL_ROUND),
            [
                (HOUR, 2 * HOUR),
                (3 * HOUR, 3 * HOUR),
                (3 * HOUR + 1, 3 * HOUR + 1),
                (20 * HOUR, 20 * HOUR),
                (30 * HOUR, 30 * HOUR)
            ]
        );
    }

    #[test]
    fn a_round_says_whether_files_make_it() {
        let rounds = rounds(&at(&[0]), &at(&[HOUR]), USUAL_ROUND);
        let files: Vec<bool> = rounds.iter().map(|it| it.holds_snapshots).collect();
        assert_eq!(files, [true, false]);
    }
}
