//! Amounts of money, rounded to the cent. The amounts for the parts of a total always add up to the total, in
//! spite of the rounding.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

use crate::error::{Error, Result, quoted};

/// An amount of money, rounded to the cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money(pub Decimal);

impl Serialize for Money {
    /// Serializes the amount as a text, because a program that reads JSON numbers may turn the amount into an
    /// inexact binary fraction.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The price of a seat, with its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The amount for one seat, as the user typed it.
    pub per_seat: Decimal,
    /// The currency, by its ISO 4217 code.
    pub currency: String,
}

impl Price {
    /// Reads a price: digits, with or without a decimal point.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Usage`] if the text is not a price.
    pub fn parse(text: &str) -> Result<Decimal> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        // The largest price that is accepted. With a larger price, the amount for many seats would not fit
        // into a `Decimal`.
        let most = Decimal::from(1_000_000_000u64);
        let price = text.parse::<Decimal>().ok().filter(|price| plain && *price <= most);
        price.ok_or_else(|| {
            Error::usage(format!("invalid price: {} (a price looks like 21.00)", quoted(text)))
        })
    }

    /// The price of `seats` seats, rounded to the cent. Half a cent is rounded up.
    pub fn of(&self, seats: u64) -> Money {
        Money(cents(Decimal::from(seats) * self.per_seat, RoundingStrategy::MidpointAwayFromZero))
    }

    /// The amounts for several groups of seats, so that they add up to the amount for all seats together. Each
    /// amount is first cut to the cent. The cents that are then missing go to the amounts that lost the most by
    /// that, and among equal losses to the first (largest remainder method).
    pub fn of_parts(&self, parts: &[u64]) -> Vec<Money> {
        let total = self.of(parts.iter().sum()).0;
        let exact: Vec<Decimal> =
            parts.iter().map(|seats| Decimal::from(*seats) * self.per_seat).collect();
        let mut amounts: Vec<Decimal> =
            exact.iter().map(|it| cents(*it, RoundingStrategy::ToZero)).collect();
        let mut missing = total - amounts.iter().sum::<Decimal>();
        let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
        by_remainder.sort_by_key(|&part| (std::cmp::Reverse(exact[part] - amounts[part]), part));
        let cent = Decimal::new(1, 2);
        for part in by_remainder {
            if missing >= cent {
                amounts[part] += cent;
                missing -= cent;
            }
        }
        amounts.into_iter().map(Money).collect()
    }
}

fn cents(amount: Decimal, strategy: RoundingStrategy) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(2, strategy);
    rounded.rescale(2);
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_cent_whatever_the_price() {
        for (price, parts, expected) in [
            ("21.00", vec![1, 2, 3], ["21.00", "42.00", "63.00"]),
            ("0.335", vec![1, 1, 1], ["0.34", "0.34", "0.33"]),
            ("0.333", vec![1, 2, 0], ["0.33", "0.67", "0.00"]),
            ("20.8333", vec![7, 7, 7], ["145.84", "145.83", "145.83"]),
        ] {
            let per_seat = Price::parse(price).expect("a price");
            let price = Price { per_seat, currency: "USD".to_owned() };
            let amounts = price.of_parts(&parts);
            let texts: Vec<String> = amounts.iter().map(|it| it.0.to_string()).collect();
            assert_eq!(texts, expected);
            let sum: Decimal = amounts.iter().map(|it| it.0).sum();
            assert_eq!(sum, price.of(parts.iter().sum()).0);
        }
        assert!(
            ["", "-1", "1e9", "a", "1,5", "1000000001"].iter().all(|it| Price::parse(it).is_err())
        );
    }
}
