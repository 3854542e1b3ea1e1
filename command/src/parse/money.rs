//! Amounts, currencies, limits, and how many admins approve.

use events::money::{Amount, Currency};

use crate::rejection::{Code, Rejection};

/// The most that one transfer may take, in minor units; a wallet's own limit is at most this.
pub const PER_TRANSFER_MAX: Amount = minor_units(100_000_000);
/// The most that all of a day may take, in minor units; a wallet's own limit is at most this.
pub const PER_DAY_MAX: Amount = minor_units(1_000_000_000);
/// Admins whose approval a wallet can ask for.
pub const APPROVALS_MAX: u8 = 20;

/// The codes of ISO 4217 that name money in use (list one, without metals, funds, tests).
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND \
    BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN \
    ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD \
    JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT \
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR \
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND \
    TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

const fn minor_units(count: i64) -> Amount {
    match Amount::new(count) {
        Some(amount) => amount,
        None => Amount::ZERO,
    }
}

/// An amount above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PositiveAmount(Amount);

impl PositiveAmount {
    /// `None` if it is zero.
    pub fn new(amount: Amount) -> Option<Self> {
        (amount > Amount::ZERO).then_some(Self(amount))
    }

    /// The amount.
    pub const fn get(self) -> Amount {
        self.0
    }

    /// Reads a field: a whole number in decimal digits, a minus before it or not.
    pub fn parse(field: &'static str, raw: &str) -> Result<Self, Rejection> {
        let (digits, is_negative) = match raw.strip_prefix('-') {
            Some(digits) => (digits, true),
            None => (raw, false),
        };
        let only_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !only_digits || (digits.len() > 1 && digits.starts_with('0')) {
            let message = "An amount is a whole number of minor units in decimal digits.";
            return Err(Rejection::new(Code::AmountMalformed, message).at(field));
        }
        if is_negative || digits == "0" {
            let message = "The amount has to be above zero.";
            return Err(Rejection::new(Code::AmountNotPositive, message).at(field));
        }
        // Nothing but digits that don't fit.
        let amount = digits.parse().ok().and_then(Amount::new).and_then(Self::new);
        amount.ok_or_else(|| too_large("The amount is beyond what can be counted.").at(field))
    }
}

/// An amount, or a sum that it would make, is beyond what can be counted.
pub(crate) fn too_large(message: &'static str) -> Rejection {
    Rejection::new(Code::AmountTooLarge, message)
}

/// What may be spent from a wallet: never more at once than in a day, and never more than the
/// bounds above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    per_transfer: Amount,
    per_day: Amount,
}

impl Limits {
    /// Reads the fields `perTransfer` and `perDay`.
    pub fn parse(per_transfer: &str, per_day: &str) -> Result<Self, Rejection> {
        let per_transfer = PositiveAmount::parse("perTransfer", per_transfer)?.get();
        let per_day = PositiveAmount::parse("perDay", per_day)?.get();
        if per_transfer > PER_TRANSFER_MAX {
            let message = format!("At most {PER_TRANSFER_MAX} may be spent at once.");
            return Err(Rejection::invalid("perTransfer", message));
        }
        if per_day > PER_DAY_MAX {
            let message = format!("At most {PER_DAY_MAX} may be spent in a day.");
            return Err(Rejection::invalid("perDay", message));
        }
        if per_transfer > per_day {
            let message = "Not more may be spent at once than in a day.";
            return Err(Rejection::invalid("perTransfer", message));
        }
        Ok(Self { per_transfer, per_day })
    }

    /// The most that one transfer may take.
    pub const fn per_transfer(self) -> Amount {
        self.per_transfer
    }

    /// The most that all of a day may take.
    pub const fn per_day(self) -> Amount {
        self.per_day
    }
}

/// How many admins have to approve a spending, the requester included: 1–20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Approvals(u8);

impl Approvals {
    /// The requester's own is enough.
    pub const ONE: Self = Self(1);

    /// Reads the field `approvalsRequired`.
    pub fn parse(raw: i64) -> Result<Self, Rejection> {
        let number = u8::try_from(raw).ok().filter(|number| (1..=APPROVALS_MAX).contains(number));
        number.map(Self).ok_or_else(|| {
            let message = format!("Between 1 and {APPROVALS_MAX} admins approve.");
            Rejection::invalid("approvalsRequired", message)
        })
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Reads the field `currency`: the code of a currency in use, in capital letters.
pub fn currency(raw: &str) -> Result<Currency, Rejection> {
    let known = CURRENCIES.split(' ').any(|code| code == raw);
    let currency = raw.parse().ok().filter(|_| known);
    currency.ok_or_else(|| Rejection::invalid("currency", "This is no currency of ISO 4217."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code_of(raw: &str) -> Code {
        let refused = PositiveAmount::parse("amount", raw).unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("amount"));
        refused.code
    }

    #[test]
    fn an_amount_is_a_whole_number_in_decimal_digits() {
        let malformed = [
            "",
            "-",
            " 1",
            "1 ",
            "+1",
            "1.0",
            "1,000",
            "1e3",
            "0x1",
            "01",
            "-01",
            "00",
            "--1",
            "１",
            "٣",
            "1-",
            "NaN",
            "1_000",
            "\u{200b}1",
        ];
        for raw in malformed {
            assert_eq!(code_of(raw), Code::AmountMalformed, "{raw:?}");
        }
    }

    #[test]
    fn an_amount_is_above_zero_and_below_2_to_the_63() {
        for raw in ["0", "-0", "-1", "-9223372036854775808", "-99999999999999999999"] {
            assert_eq!(code_of(raw), Code::AmountNotPositive, "{raw}");
        }
        for raw in ["9223372036854775808", "18446744073709551617", &"9".repeat(5_000)] {
            assert_eq!(code_of(raw), Code::AmountTooLarge, "{raw}");
        }
        let most = PositiveAmount::parse("amount", "9223372036854775807").unwrap();
        assert_eq!(most.get().minor_units(), i64::MAX);
        assert_eq!(PositiveAmount::parse("amount", "1").unwrap().get().minor_units(), 1);
    }

    proptest! {
        #[test]
        fn every_positive_number_is_read_as_itself(number in 1..=i64::MAX) {
            let read = PositiveAmount::parse("amount", &number.to_string()).unwrap();
            prop_assert_eq!(read.get().minor_units(), number);
        }

        #[test]
        fn what_is_read_is_written_the_same(raw in "-?[0-9]{0,21}|\\PC{0,8}") {
            if let Ok(read) = PositiveAmount::parse("amount", &raw) {
                prop_assert_eq!(read.get().to_string(), raw);
            }
        }
    }

    #[test]
    fn currencies_are_those_in_use() {
        assert_eq!(currency("KRW").unwrap(), Currency::KRW);
        assert!(currency("USD").is_ok() && currency("ZWG").is_ok());
        for bad in ["", "krw", "XXX", "XAU", "ABC", "KR", "KRW ", "KRW USD", "원"] {
            assert_eq!(currency(bad).unwrap_err().field.as_deref(), Some("currency"), "{bad:?}");
        }
    }

    #[test]
    fn limits_stay_below_the_bounds_and_a_transfer_below_a_day() {
        let limits = Limits::parse("100000000", "1000000000").unwrap();
        assert_eq!((limits.per_transfer(), limits.per_day()), (PER_TRANSFER_MAX, PER_DAY_MAX));
        assert!(Limits::parse("5", "5").is_ok());
        for (per_transfer, per_day, field) in [
            ("100000001", "1000000000", "perTransfer"),
            ("100000000", "1000000001", "perDay"),
            ("6", "5", "perTransfer"),
        ] {
            let refused = Limits::parse(per_transfer, per_day).unwrap_err();
            let told = (refused.code, refused.field.as_deref());
            assert_eq!(told, (Code::InvalidInput, Some(field)));
        }
        assert_eq!(Limits::parse("0", "5").unwrap_err().code, Code::AmountNotPositive);
    }

    #[test]
    fn between_one_and_twenty_admins_approve() {
        assert_eq!(Approvals::parse(1).unwrap(), Approvals::ONE);
        assert_eq!(Approvals::parse(20).unwrap().get(), 20);
        for number in [i64::MIN, -1, 0, 21, 257, i64::MAX] {
            let refused = Approvals::parse(number).unwrap_err();
            assert_eq!(refused.field.as_deref(), Some("approvalsRequired"), "{number}");
        }
    }
}
