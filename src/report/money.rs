//! Money: decimals to the cent, and parts that add up to their total to the cent.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

use crate::error::{Error, Result, quoted};

/// An amount, to the cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money(pub Decimal);

impl Serialize for Money {
    /// As a text, so that no reader makes a binary fraction of it.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// What a seat costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// For one seat.
    pub per_seat: Decimal,
    /// The currency, as ISO 4217 writes it.
    pub currency: String,
}

impl Price {
    /// Reads a price: digits, perhaps a point and more digits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] if it is none.
    pub fn parse(text: &str) -> Result<Decimal> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        // Beyond this, amounts of many seats would have no room.
        let most = Decimal::from(1_000_000_000u64);
        let price = text.parse::<Decimal>().ok().filter(|price| plain && *price <= most);
        price
            .ok_or_else(|| Error::usage(format!("no price: {} (for instance 21.00)", quoted(text))))
    }

    /// What so many seats cost: rounded to the cent, half a cent up.
    pub fn of(&self, seats: u64) -> Money {
        Money(cents(Decimal::from(seats) * self.per_seat, RoundingStrategy::MidpointAwayFromZero))
    }

    /// What parts cost, so that they add up to what all their seats cost: each is cut to the cent,
    /// and the cents that are missing go to the parts that lost most by it, the first of equals
    /// (largest remainder).
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
